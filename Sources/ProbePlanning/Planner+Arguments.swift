internal import KernelLayout
internal import SocketEvents
internal import ProbeContract

/// What is fetched at the entry of a function.
extension Planner {
    func entryArguments(of function: ProbedFunction) -> [FetchArgument] {
        if let creation = function.creation { return creationArguments(creation) }
        var arguments: [FetchArgument] = []
        switch function.socket {
        case .none: break
        case .sock(let number):
            if let sock = request.convention.argument(number) {
                arguments.append(FetchArgument(ProbeField.sock, sock.text, request.convention.word))
                arguments += sockArguments(sock, function.details)
            }
        case .graft(let sock, let socket):
            guard let sock = request.convention.argument(sock), let socket = request.convention.argument(socket)
            else { break }
            arguments.append(FetchArgument(ProbeField.sock, sock.text, request.convention.word))
            arguments += sockArguments(sock, function.details)
            arguments += socketArguments(socket, function.details.intersection(.ofSocketAlone))
        case .argument, .file, .kiocb:
            if let socket = socketExpression(of: function) {
                arguments += socketArguments(socket, function.details)
                if let sock = sock(of: socket) { arguments += sockArguments(sock, function.details) }
            }
        }
        arguments += function.extras.flatMap { extraArguments($0) }
        // A conclusion's size is what the function returned; what was asked for is an entry's to tell.
        if request.aliases.tellsSizeAtEntry, let size = sizeArgument(of: function) { arguments.append(size) }
        return arguments
    }

    /// The raw arguments, as the caller gave them.
    private func creationArguments(_ places: ProbedFunction.CreationArguments) -> [FetchArgument] {
        let named: [(String, Int?)] = [
            (ProbeField.family, places.family), (ProbeField.type, places.type), (ProbeField.protocol, places.protocol),
            (ProbeField.requester, places.requester),
        ]
        return named.compactMap { name, number in
            number.flatMap { request.convention.argument($0) }.map { FetchArgument(name, $0.text, "s32") }
        }
    }

    // MARK: The socket and its sock

    private func socketExpression(of function: ProbedFunction) -> Expression? {
        let layout = request.layout
        switch function.socket {
        case .none, .sock, .graft: return nil
        case .argument(let number): return request.convention.argument(number)
        case .file(let number):
            guard let privateData = layout[.filePrivateData] else { return nil }
            return request.convention.argument(number)?.at(privateData.offset)
        case .kiocb(let number):
            guard let file = layout[.kiocbFile], let privateData = layout[.filePrivateData] else { return nil }
            return request.convention.argument(number)?.at(file.offset).at(privateData.offset)
        }
    }

    private func sock(of socket: Expression) -> Expression? {
        request.layout[.socketSock].map { socket.at($0.offset) }
    }

    /// A member behind a pointer; nil where its place is not known.
    func member(
        _ name: String, _ base: Expression?, _ member: StructLayout.Member, signed: Bool = false
    ) -> FetchArgument? {
        guard let base, let place = request.layout[member] else { return nil }
        return FetchArgument(name, base.at(place.offset).text, type(of: place, signed: signed))
    }

    /// What lies in struct socket, and with it.
    private func socketArguments(_ socket: Expression, _ details: SocketDetails) -> [FetchArgument] {
        let layout = request.layout
        var arguments: [FetchArgument?] = []
        if details.contains(.pointer) {
            arguments.append(FetchArgument(ProbeField.socket, socket.text, request.convention.word))
        }
        if details.contains(.inode) { arguments.append(member(ProbeField.inode, socket, .socketInode)) }
        if details.contains(.user), request.details.contains(.user) {
            arguments.append(member(ProbeField.user, socket, .socketUser))
        }
        if details.contains(.members) {
            if let pack = packedSocketArgument(socket) {
                arguments.append(pack)
            } else {
                let flags = ProbeField.flags + (layout.flagNames.map { "_\($0)" } ?? "")
                arguments.append(member(ProbeField.state, socket, .socketState))
                arguments.append(member(ProbeField.type, socket, .socketType))
                arguments.append(member(flags, socket, .socketFlags))
            }
        }
        if details.contains(.type) { arguments.append(member(ProbeField.type, socket, .socketType)) }
        // Where the sock does not tell its family, the operations do.
        if details.contains(.head), headArgument(socket) == nil {
            let ops = layout[.socketOps].map { socket.at($0.offset) }
            arguments.append(member(ProbeField.family, ops, .opsFamily))
            if details.contains(.wholeness), let ops {
                arguments.append(FetchArgument(ProbeField.ops, ops.text, request.convention.word))
            }
        }
        return arguments.compactMap { $0 }
    }

    /// What lies behind a sock.
    func sockArguments(_ sock: Expression, _ details: SocketDetails) -> [FetchArgument] {
        var arguments: [FetchArgument?] = []
        // Only a closing socket may lack its sk and its ops: one that was never made, or that accept() gave up. What is
        // fetched behind a null pointer is not written at all: the record then holds bytes of an older one
        // (store_trace_args in kernel/trace/trace_probe_tmpl.h), so the pointers themselves have to tell.
        if !details.isDisjoint(with: [.sock, .wholeness]) {
            arguments.append(FetchArgument(ProbeField.sock, sock.text, request.convention.word))
        }
        if details.contains(.head) { arguments.append(headArgument(sock)) }
        if details.contains(.ipv6) { arguments.append(ipv6Argument(sock)) }
        if details.contains(.protocol) { arguments.append(member(ProbeField.protocol, sock, .sockProtocol)) }
        if details.contains(.peer) { arguments.append(member(ProbeField.peerSock, sock, .unixPeer)) }
        if details.contains(.namespace), request.details.contains(.namespace) {
            let namespace = request.layout[.sockNamespace].map { sock.at($0.offset) }
            arguments.append(member(ProbeField.networkNamespace, namespace, .namespaceInode))
        }
        if details.contains(.cgroup), request.details.contains(.cgroup) { arguments += cgroupArguments(sock) }
        if details.contains(.owner), let place = request.layout[.sockSocket] {
            // The socket's own has the same name.
            if !details.contains(.members) { arguments.append(member(ProbeField.type, sock, .sockType)) }
            arguments += socketArguments(sock.at(place.offset), details.intersection(.ofSocketAlone))
        }
        if details.contains(.unixName) {
            let name = request.layout[.unixName].map { sock.at($0.offset) }
            arguments.append(member(ProbeField.name, sock, .unixName))
            arguments.append(member(ProbeField.length, name, .nameLength, signed: true))
            if let name, let place = request.layout[.nameBytes] {
                arguments.append(words(ProbeField.address, name.at(place.offset), Self.longestAddress))
            }
        }
        if details.contains(.netlinkPorts) {
            arguments.append(member(ProbeField.port, sock, .netlinkPort))
            arguments.append(member(ProbeField.remotePort, sock, .netlinkRemotePort))
        }
        return arguments.compactMap { $0 }
    }

    /// Where the pointer is none, what lies behind it was not fetched, or is something else's.
    private func cgroupArguments(_ sock: Expression) -> [FetchArgument] {
        let layout = request.layout
        guard let place = layout[.sockCgroup] ?? layout[.sockCgroupWord], let node = layout[.cgroupNode],
            layout[.nodeID] != nil
        else { return [] }
        let cgroup = sock.at(place.offset)
        return [
            FetchArgument(ProbeField.cgroupPointer, cgroup.text, request.convention.word),
            member(ProbeField.cgroup, cgroup.at(node.offset), .nodeID),
        ].compactMap { $0 }
    }

    /// Words that hold a `struct sockaddr_un`, the longest address that there is: 110 bytes.
    static let longestAddress = 14

    private func words(_ name: String, _ memory: Expression, _ count: Int) -> FetchArgument {
        let count = count * 8 / request.convention.wordSize
        return FetchArgument(name, memory.text, request.convention.word + (count > 1 ? "[\(count)]" : ""))
    }

    // MARK: Packs

    /// What lies in struct socket itself, with one fetch, where it is close together.
    private func packedSocketArgument(_ socket: Expression) -> FetchArgument? {
        let members: [(name: String, member: StructLayout.Member)] = [
            (ProbeField.state, .socketState), (ProbeField.type, .socketType), (ProbeField.flags, .socketFlags),
        ]
        let places = members.compactMap { member in request.layout[member.member].map { (member.name, $0) } }
        guard request.packsFields, places.count == members.count, places.allSatisfy({ $0.1.bits == nil }) else {
            return nil
        }
        let word = request.convention.wordSize
        let start = places.reduce(Int.max) { min($0, $1.1.offset) }
        let words = (places.reduce(0) { max($0, $1.1.offset + $1.1.width) } - start + word - 1) / word
        let pack = FieldPack(places.map { .init($0.0, offset: $0.1.offset - start, width: $0.1.width) })
        let argument = FetchArgument(
            pack.fieldName, socket.at(start).text, request.convention.word + (words > 1 ? "[\(words)]" : ""))
        // A fourth word costs more than is saved.
        return words <= 3 && argument.text.utf8.count <= FetchArgument.longest ? argument : nil
    }

    /// Struct members that one fetch brings, named by where they lie in it; nil where one is not known, or where they are
    /// too far apart.
    private func pack<Member: AddressMember>(
        _ members: [(Member, StructLayout.Member)], behind base: Expression, atMost limit: Int
    ) -> FetchArgument? {
        let places = members.compactMap { member, place in request.layout[place].map { (member, $0) } }
        guard request.tellsEndpoints, places.count == members.count, places.allSatisfy({ $0.1.bits == nil }) else {
            return nil
        }
        let word = request.convention.wordSize
        let first = places.reduce(Int.max) { min($0, $1.1.offset) } / word * word
        let end = places.reduce(0) { max($0, $1.1.offset + $1.0.width) }
        let words = (end - first + word - 1) / word
        guard words * word <= limit else { return nil }
        let pack = AddressPack(Dictionary(uniqueKeysWithValues: places.map { ($0.0, $0.1.offset - first) }))
        return FetchArgument(
            pack.fieldName, base.at(first).text, request.convention.word + (words > 1 ? "[\(words)]" : ""))
    }

    /// The beginning of a sock.
    func headArgument(_ sock: Expression) -> FetchArgument? {
        pack(
            [
                (SockMember.remoteIPv4, .sockRemoteIPv4), (.localIPv4, .sockLocalIPv4),
                (.remotePort, .sockRemotePort), (.localPort, .sockLocalPort), (.family, .sockFamily),
                (.state, .sockState),
            ], behind: sock, atMost: 32)
    }

    func ipv6Argument(_ sock: Expression) -> FetchArgument? {
        pack(
            [(SockIPv6Member.remote, .sockRemoteIPv6), (.local, .sockLocalIPv6)], behind: sock, atMost: 48)
    }

    // MARK: Other arguments

    private func extraArguments(_ extra: ProbedFunction.Extra) -> [FetchArgument] {
        let convention = request.convention
        switch extra {
        case .number(let name, let number):
            return convention.argument(number).map { [FetchArgument(name, $0.text, "s32")] } ?? []
        case .pointer(let name, let number):
            return convention.argument(number).map { [FetchArgument(name, $0.text, convention.word)] } ?? []
        case .sock(let name, let number):
            let sock = convention.argument(number).flatMap { self.sock(of: $0) }
            return sock.map { [FetchArgument(name, $0.text, convention.word)] } ?? []
        case .sockHead(let number):
            let sock = convention.argument(number).flatMap { self.sock(of: $0) }
            return sock.flatMap { headArgument($0) }.map { [$0] } ?? []
        case .address(let number, let length, let words):
            guard let address = convention.argument(number), let length = convention.argument(length) else { return [] }
            return [
                FetchArgument(ProbeField.length, length.text, "s32"),
                self.words(ProbeField.address, address.at(0), words),
            ]
        case .flowIPv4(let number):
            let flow: [(FlowIPv4Member, StructLayout.Member)] = [
                (.remote, .flowRemoteIPv4), (.local, .flowLocalIPv4), (.remotePort, .flowRemotePortIPv4),
                (.localPort, .flowLocalPortIPv4),
            ]
            return convention.argument(number).flatMap { pack(flow, behind: $0, atMost: 32) }.map { [$0] } ?? []
        case .flowIPv6(let number):
            let flow: [(FlowIPv6Member, StructLayout.Member)] = [
                (.remote, .flowRemoteIPv6), (.local, .flowLocalIPv6), (.remotePort, .flowRemotePortIPv6),
                (.localPort, .flowLocalPortIPv6),
            ]
            return convention.argument(number).flatMap { pack(flow, behind: $0, atMost: 64) }.map { [$0] } ?? []
        case .header(let number):
            guard let data = request.layout[.bufferData], let buffer = convention.argument(number) else { return [] }
            return [words(ProbeField.header, buffer.at(data.offset).at(-Self.headerBytes), Self.headerBytes / 8)]
        case .bufferSock(let number):
            guard let place = request.layout[.bufferSock], let buffer = convention.argument(number) else { return [] }
            // Where no hook does, it tells of accepted socks, too (unix_accept in net/unix/af_unix.c, up to 6.13).
            return [
                member(ProbeField.peerSock, buffer, .bufferSock),
                request.fires(.securityGraft)
                    ? nil : member(ProbeField.peersPeer, buffer.at(place.offset), .unixPeer),
            ].compactMap { $0 }
        case .tcpEnd(let number):
            let sock = convention.argument(number)
            return [
                member(ProbeField.error, sock, .sockError, signed: true),
                member(ProbeField.bytesSent, sock, .tcpBytesSent),
                member(ProbeField.bytesAcked, sock, .tcpBytesAcked),
                member(ProbeField.bytesReceived, sock, .tcpBytesReceived),
            ].compactMap { $0 }
        case .namespace(let number):
            guard request.details.contains(.namespace) else { return [] }
            return [member(ProbeField.networkNamespace, convention.argument(number), .namespaceInode)].compactMap { $0 }
        case .descriptor:
            guard request.details.contains(.descriptor) else { return [] }
            return extraArguments(.number(ProbeField.descriptor, 1))
        }
    }

    /// An IPv6 and a UDP header.
    private static let headerBytes = 48

    private func type(of place: StructLayout.Place, signed: Bool) -> String {
        let width = place.width * 8
        guard let bits = place.bits else { return (signed ? "s" : "u") + String(width) }
        return "b\(bits.count)@\(bits.lowerBound)/\(width)"
    }

    private func sizeArgument(of function: ProbedFunction) -> FetchArgument? {
        let convention = request.convention
        func fetch(_ number: Int, _ place: StructLayout.Place?) -> FetchArgument? {
            guard let place else { return nil }
            return convention.argument(number).map {
                FetchArgument(ProbeField.size, $0.at(place.offset).text, convention.size)
            }
        }
        switch function.size {
        case .none: return nil
        case .argument(let number):
            return convention.argument(number).map { FetchArgument(ProbeField.size, $0.text, convention.size) }
        case .message(let number): return fetch(number, request.layout[.messageCount])
        case .iterator(let number): return fetch(number, request.layout[.iteratorCount])
        }
    }
}

extension SocketDetails {
    /// What lies in the socket, not in its sock.
    fileprivate static let ofSocketAlone: SocketDetails = [.pointer, .members, .inode, .user]
}

extension AliasSet {
    /// Some member fires at the entry of a function that moves a message.
    fileprivate var tellsSizeAtEntry: Bool {
        let entries: [Alias] = [.sendmsg, .recvmsg, .aioWrite, .aioRead, .writev, .readv, .writeIter, .readIter]
        return entries.contains { contains($0) }
    }
}
