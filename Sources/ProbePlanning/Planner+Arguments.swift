internal import KernelLayout
internal import SocketEvents
internal import ProbeContract

/// What is fetched at the entry of a function.
extension Planner {
    func entryArguments(of function: ProbedFunction) -> [FetchArgument] {
        if let creation = function.creation { return creationArguments(creation) }
        var arguments: [FetchArgument] = []
        if let socket = socketExpression(of: function) {
            arguments.append(FetchArgument("socket", socket.text, request.convention.word))
            arguments += socketArguments(socket, isClosing: function.role == .close)
        }
        // A conclusion's size is what the function returned; what was asked for is an entry's to tell.
        if request.aliases.tellsSizeAtEntry, let size = sizeArgument(of: function) { arguments.append(size) }
        return arguments
    }

    /// The raw arguments, as the caller gave them.
    private func creationArguments(_ places: ProbedFunction.CreationArguments) -> [FetchArgument] {
        let named: [(String, Int?)] = [
            ("family", places.family), ("type", places.type), ("protocol", places.protocol),
            ("requester", places.requester),
        ]
        return named.compactMap { name, number in
            number.flatMap { request.convention.argument($0) }.map { FetchArgument(name, $0.text, "s32") }
        }
    }

    private func socketExpression(of function: ProbedFunction) -> Expression? {
        let layout = request.layout
        switch function.socket {
        case .none: return nil
        case .argument(let number): return request.convention.argument(number)
        case .file(let number):
            guard let privateData = layout[.filePrivateData] else { return nil }
            return request.convention.argument(number)?.at(privateData.offset)
        case .kiocb(let number):
            guard let file = layout[.kiocbFile], let privateData = layout[.filePrivateData] else { return nil }
            return request.convention.argument(number)?.at(file.offset).at(privateData.offset)
        }
    }

    private func socketArguments(_ socket: Expression, isClosing: Bool) -> [FetchArgument] {
        let layout = request.layout
        var arguments: [FetchArgument] = []
        func add(_ name: String, _ base: Expression?, _ member: StructLayout.Member, signed: Bool = false) {
            guard let base, let place = layout[member] else { return }
            arguments.append(FetchArgument(name, base.at(place.offset).text, type(of: place, signed: signed)))
        }
        if let pack = packedSocketArgument(socket) {
            arguments.append(pack)
        } else {
            add("state", socket, .socketState)
            add("type", socket, .socketType)
            add("flags" + (layout.flagSpec.map { "_" + $0 } ?? ""), socket, .socketFlags)
        }
        add("family", layout[.socketOps].map { socket.at($0.offset) }, .opsFamily)
        let sock = layout[.socketSock].map { socket.at($0.offset) }
        // Only a closing socket may lack its sk and its ops: one that was never made, or that accept() gave up. What is
        // fetched behind a null pointer is not written at all: the record then holds bytes of an older one
        // (store_trace_args in kernel/trace/trace_probe_tmpl.h), so the pointers themselves have to tell.
        if isClosing {
            let ops = layout[.socketOps].map { socket.at($0.offset) }
            if let ops { arguments.append(FetchArgument("ops", ops.text, request.convention.word)) }
            if let sock { arguments.append(FetchArgument("sk", sock.text, request.convention.word)) }
        }
        add("protocol", sock, .sockProtocol)
        return arguments
    }

    /// What lies in struct socket itself, with one fetch, where it is close together.
    private func packedSocketArgument(_ socket: Expression) -> FetchArgument? {
        let members: [(name: String, member: StructLayout.Member)] = [
            ("state", .socketState), ("type", .socketType), ("flags", .socketFlags),
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

    private func type(of place: StructLayout.Place, signed: Bool) -> String {
        let width = place.width * 8
        guard let bits = place.bits else { return (signed ? "s" : "u") + String(width) }
        return "b\(bits.count)@\(bits.lowerBound)/\(width)"
    }

    private func sizeArgument(of function: ProbedFunction) -> FetchArgument? {
        let convention = request.convention
        switch function.size {
        case .none: return nil
        case .argument(let number):
            return convention.argument(number).map { FetchArgument("size", $0.text, convention.size) }
        case .message(let number):
            guard let place = request.layout[.messageCount] else { return nil }
            return convention.argument(number).map { FetchArgument("size", $0.at(place.offset).text, convention.size) }
        case .iterator(let number):
            guard let place = request.layout[.iteratorCount] else { return nil }
            return convention.argument(number).map { FetchArgument("size", $0.at(place.offset).text, convention.size) }
        }
    }
}

extension AliasSet {
    /// Some member fires at the entry of a function that moves a message.
    fileprivate var tellsSizeAtEntry: Bool {
        let entries: [Alias] = [.sendmsg, .recvmsg, .aioWrite, .aioRead, .writev, .readv, .writeIter, .readIter]
        return entries.contains { contains($0) }
    }
}
