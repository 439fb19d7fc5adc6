internal import BasicContainers
package import SocketEvents
package import SocketNames

/// Events as JSON, one object a line.
///
/// Keys come in this order; those that an alias does not have (`Alias.arguments`) are absent, values that are not known
/// are `null`, and so is the name of a number that is not known:
///
/// | key | value |
/// |---|---|
/// | `name` | the alias |
/// | `time` | nanoseconds of the trace clock |
/// | `wall` | nanoseconds since 1970; only where it is known what the trace clock is ahead of or behind them |
/// | `cpu`, `pid`, `tid` | numbers; `pid` is the process, `tid` the thread |
/// | `comm` | the thread's name; bytes that are not UTF-8 are U+FFFD, control characters are escaped |
/// | `socket` | address of the kernel's `struct socket`, as a string of `0x` and 16 digits |
/// | `inode` | the N of socket:[N] |
/// | `size` | bytes, or the negative error number |
/// | `bytes`, `errno` | of conclusions: bytes moved, 0 where it failed; the positive error number, null where there is none |
/// | `protocol`, `protocol_name`, `family`, `family_name`, `state`, `state_name` | number, then its name |
/// | `local_address`, `local_port`, `remote_address`, `remote_port` | both ends: IPv4, IPv6 after RFC 5952, a path, `@` and an abstract name, `""` for no name; the number of an interface or a context; netlink has ports alone |
/// | `remote_inode` | of UNIX sockets alone: the inode of the socket at the other end |
/// | `tcp_state` | ESTABLISHED and its like |
/// | `flags`, `flags_name` | the word, then what its bits mean, joined by a bar; `""` where none is set |
/// | `type`, `type_name` | number, then its name |
/// | `requester` | of `socket.create`, with `.return`: 1 the kernel, 0 user space |
/// | `listener`, `backlog_wait` | of `socket.accept.return`: the listening socket's inode, nanoseconds from established to accepted |
/// | `backlog`, `how` | the arguments of listen and shutdown |
/// | `err` | of a creation, connect, accept, bind, listen, shutdown: 0 or the negative error number |
/// | `success` | 1 or 0 |
/// | `error` | only where `success` is 0: the name of the error |
/// | `via` | the route of `socket.send` and `socket.receive` |
/// | `duration` | nanoseconds from entry to return |
/// | `uid`, `netns` and the like | only if asked for: ``OptionalField`` |
///
/// Records that the kernel dropped are `{"name":"lost","cpu":1,"count":312}`.
package struct JSONRenderer: Sendable {
    /// What the bits of `socket.flags` mean on the traced kernel.
    package var flagNames: SocketFlagNames {
        didSet { maker = RenderCache.newMaker() }
    }
    private var maker = RenderCache.newMaker()
    private let wallClock: Int64?
    private let optional: [OptionalField]

    /// A renderer for a trace of a kernel with these flags.
    /// - Parameters:
    ///   - wallClock: nanoseconds from the trace clock to the time since 1970; nil where unknown.
    ///   - optional: keys that come last, of events that have an `inode`.
    package init(flagNames: SocketFlagNames = .unknown, wallClock: Int64? = nil, optional: [OptionalField] = []) {
        self.flagNames = flagNames
        self.wallClock = wallClock
        self.optional = optional
    }

    /// Appends one event of a batch and a newline.
    package func render(_ batch: borrowing TraceBatch, _ index: Int, into out: inout OutputBuffer) {
        render(batch[index], batch, into: &out)
    }

    @inline(__always)
    private func render(
        _ event: borrowing SocketEvent, _ batch: borrowing TraceBatch, into out: inout OutputBuffer
    ) {
        let place = Int(event.details)
        let arguments = event.alias.arguments
        out.append("{\"name\":\"")
        out.append(event.alias.name)
        out.append("\",\"time\":")
        out.append(decimal: event.time)
        if let wallClock {
            out.append(",\"wall\":")
            out.append(decimal: event.time &+ UInt64(bitPattern: wallClock))
        }
        out.append(",\"cpu\":")
        out.append(decimal: UInt64(event.cpu))
        out.appendMember(",\"pid\":", event.pid.map(Int64.init))
        out.append(",\"tid\":")
        out.append(decimal: Int64(event.tid))
        if let comm = event.comm {
            out.append(",\"comm\":\"")
            out.append(json: comm)
            out.append(UInt8(ascii: "\""))
        } else {
            out.append(",\"comm\":null")
        }
        if arguments.contains(.socket) { renderSocket(event.socket, into: &out) }
        if arguments.contains(.inode) {
            out.appendWord(",\"inode\":", place < 0 ? nil : batch.details[place].inode)
        }
        if arguments.contains(.size) { out.appendMember(",\"size\":", event.size) }
        if arguments.contains(.bytes) { out.appendWord(",\"bytes\":", event.bytes) }
        if arguments.contains(.errno) { out.appendMember(",\"errno\":", event.errorNumber.map(Int64.init)) }
        let kind = RenderKey(event, arguments)
        if !out.append(kind, maker: maker) {
            let start = out.count
            renderFamily(event, arguments, into: &out)
            out.note(kind, maker: maker, since: start)
        }
        if arguments.contains(Alias.Arguments(.localAddress)) {
            renderEnds(batch, place, isUNIX: event.family == 1, into: &out)
        }
        if !out.append(kind, maker: maker &+ 1) {
            let start = out.count
            renderState(event, arguments, into: &out)
            out.note(kind, maker: maker &+ 1, since: start)
        }
        if arguments.contains(.requester) { out.appendMember(",\"requester\":", event.requester.map(Int64.init)) }
        if arguments.contains(.listener) {
            out.appendWord(",\"listener\":", place < 0 ? nil : batch.details[place].listener)
        }
        if arguments.contains(.backlogWait) {
            out.appendWord(",\"backlog_wait\":", place < 0 ? nil : batch.details[place].backlogWait)
        }
        if arguments.contains(.backlog) { out.appendMember(",\"backlog\":", event.backlog.map(Int64.init)) }
        if arguments.contains(.how) { out.appendMember(",\"how\":", event.how.map(Int64.init)) }
        if arguments.contains(.err) { out.appendMember(",\"err\":", event.err.map(Int64.init)) }
        if arguments.contains(.success) { renderSuccess(event, into: &out) }
        if arguments.contains(.via) {
            if let via = event.via {
                out.append(",\"via\":\"")
                out.append(via.name)
                out.append(UInt8(ascii: "\""))
            } else {
                out.append(",\"via\":null")
            }
        }
        if arguments.contains(.duration) {
            if let duration = event.duration {
                out.append(",\"duration\":")
                out.append(decimal: duration)
            } else {
                out.append(",\"duration\":null")
            }
        }
        if !optional.isEmpty, arguments.contains(.inode) { renderOptional(batch, place, into: &out) }
        out.append("}\n")
    }

    @inline(never)
    private func renderOptional(_ batch: borrowing TraceBatch, _ place: Int, into out: inout OutputBuffer) {
        for field in optional {
            out.appendWord(field.jsonKey, place < 0 ? nil : field.value(of: batch.details[place]))
        }
    }

    /// Appends what stands for records that the kernel dropped, and a newline.
    package func renderLost(cpu: UInt32, count: UInt64?, into out: inout OutputBuffer) {
        out.append("{\"name\":\"lost\",\"cpu\":")
        out.append(decimal: UInt64(cpu))
        out.append(",\"count\":")
        if let count {
            out.append(decimal: count)
        } else {
            out.append("null")
        }
        out.append("}\n")
    }

    @inline(__always)
    private func renderSocket(_ socket: UInt64?, into out: inout OutputBuffer) {
        if let socket {
            out.append(",\"socket\":\"0x")
            out.append(hex: socket, digits: 16)
            out.append(UInt8(ascii: "\""))
        } else {
            out.append(",\"socket\":null")
        }
    }

    /// Both ends, and who is at the other one.
    private func renderEnds(
        _ batch: borrowing TraceBatch, _ place: Int, isUNIX: Bool, into out: inout OutputBuffer
    ) {
        guard place >= 0 else {
            out.append(
                ",\"local_address\":null,\"local_port\":null,\"remote_address\":null,\"remote_port\":null")
            if isUNIX { out.append(",\"remote_inode\":null") }
            return
        }
        let known = batch.details[place].known
        out.append(",\"local_address\":")
        Self.render(batch.details[place].rawLocal, known.contains(.local), ",\"local_port\":", into: &out)
        out.append(",\"remote_address\":")
        Self.render(batch.details[place].rawRemote, known.contains(.remote), ",\"remote_port\":", into: &out)
        if isUNIX { out.appendWord(",\"remote_inode\":", batch.details[place].remoteInode) }
    }

    private static func render(
        _ address: borrowing SocketAddress, _ isKnown: Bool, _ portKey: StaticString, into out: inout OutputBuffer
    ) {
        if isKnown, address.kind != .netlink {
            out.append(UInt8(ascii: "\""))
            out.append(json: address)
            out.append(UInt8(ascii: "\""))
        } else {
            out.append("null")
        }
        out.appendWord(portKey, isKnown ? address.port.map(UInt64.init) : nil)
    }

    /// Protocol and family, each as number and name.
    @inline(never)
    private func renderFamily(
        _ event: borrowing SocketEvent, _ arguments: Alias.Arguments, into out: inout OutputBuffer
    ) {
        if arguments.contains(.protocol) {
            if let number = event.protocol {
                let name = ProtocolNames.name(of: number, family: event.family)
                out.appendPair(",\"protocol\":", number, ",\"protocol_name\":\"", name)
            } else {
                out.append(",\"protocol\":null,\"protocol_name\":null")
            }
        }
        if arguments.contains(.family) {
            if let number = event.family {
                out.appendPair(",\"family\":", number, ",\"family_name\":\"", AddressFamilyNames.name(of: number))
            } else {
                out.append(",\"family\":null,\"family_name\":null")
            }
        }
    }

    /// State, flags and type, each as number and name, and TCP's state.
    @inline(never)
    private func renderState(
        _ event: borrowing SocketEvent, _ arguments: Alias.Arguments, into out: inout OutputBuffer
    ) {
        if arguments.contains(.state) {
            if let number = event.state {
                out.appendPair(",\"state\":", number, ",\"state_name\":\"", SocketStateNames.name(of: number))
            } else {
                out.append(",\"state\":null,\"state_name\":null")
            }
        }
        if arguments.contains(.tcpState) {
            if let state = event.tcpState {
                out.append(",\"tcp_state\":\"")
                out.append(TCPStateNames.name(of: state), orNumber: Int32(state))
                out.append(UInt8(ascii: "\""))
            } else {
                out.append(",\"tcp_state\":null")
            }
        }
        if arguments.contains(.flags) {
            if let flags = event.flags {
                out.append(",\"flags\":")
                out.append(decimal: flags)
                out.append(",\"flags_name\":\"")
                out.append(flags: flags, names: flagNames)
                out.append(UInt8(ascii: "\""))
            } else {
                out.append(",\"flags\":null,\"flags_name\":null")
            }
        }
        if arguments.contains(.type) {
            if let number = event.type {
                out.appendPair(",\"type\":", number, ",\"type_name\":\"", SocketTypeNames.name(of: number))
            } else {
                out.append(",\"type\":null,\"type_name\":null")
            }
        }
    }

    @inline(__always)
    private func renderSuccess(_ event: borrowing SocketEvent, into out: inout OutputBuffer) {
        switch event.success {
        case true?: out.append(",\"success\":1")
        case nil: out.append(",\"success\":null")
        case false?:
            if let number = event.errorNumber {
                out.append(",\"success\":0,\"error\":\"")
                out.append(ErrorNames.name(of: number), orNumber: number)
                out.append(UInt8(ascii: "\""))
            } else {
                out.append(",\"success\":0,\"error\":null")
            }
        }
    }
}

extension OutputBuffer {
    /// Appends a key (with the comma before and the colon behind it) and a number or null.
    @inline(__always)
    fileprivate mutating func appendMember(_ key: StaticString, _ value: Int64?) {
        append(key)
        if let value {
            append(decimal: value)
        } else {
            append("null")
        }
    }

    /// The same for a number that is not negative.
    @inline(__always)
    fileprivate mutating func appendWord(_ key: StaticString, _ value: UInt64?) {
        append(key)
        if let value {
            append(decimal: value)
        } else {
            append("null")
        }
    }

    /// Appends a number and its name, each behind its key; the second key brings the opening quote of the name.
    @inline(__always)
    fileprivate mutating func appendPair(
        _ key: StaticString, _ number: Int32, _ nameKey: StaticString, _ name: StaticString?
    ) {
        append(key)
        append(decimal: Int64(number))
        append(nameKey)
        append(name, orNumber: number)
        append(UInt8(ascii: "\""))
    }
}
