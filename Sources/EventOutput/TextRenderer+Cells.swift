internal import BasicContainers
package import SocketEvents
internal import SocketNames

/// What each column shows of an event.
extension TextRenderer {
    /// Appends the value of a column; `-` where it is not known, and where the alias does not have it.
    /// - Returns: how many columns of a terminal the value takes.
    func append(
        _ column: TextColumn, of event: borrowing SocketEvent, _ batch: borrowing TraceBatch,
        to out: inout OutputBuffer
    ) -> Int {
        let start = out.count
        let arguments = event.alias.arguments
        switch column {
        case .time: out.append(time: event.time, as: time, isPrecise: layout.isPrecise)
        case .event: out.append(event.alias.word)
        case .process: return append(process: event, to: &out)
        case .pid: out.append(number: event.pid)
        case .comm: return append(comm: event, to: &out)
        case .tid: out.append(decimal: Int64(event.tid))
        case .cpu: out.append(decimal: UInt64(event.cpu))
        case .bytes: append(result: event, arguments, to: &out)
        case .latency:
            if arguments.contains(.duration), let duration = event.duration {
                out.append(duration: duration)
            } else {
                out.append(UInt8(ascii: "-"))
            }
        case .protocol:
            let family = event.family
            let number = arguments.contains(.protocol) ? event.protocol : nil
            out.append(number) { ProtocolNames.word(for: $0, family: family) }
        case .family:
            out.append(arguments.contains(.family) ? event.family : nil, AddressFamilyNames.name(of:))
        case .type: out.append(arguments.contains(.type) ? event.type : nil, SocketTypeNames.name(of:))
        case .via: append(via: event, arguments, to: &out)
        case .state: out.append(arguments.contains(.state) ? event.state : nil, SocketStateNames.name(of:))
        case .flags:
            switch arguments.contains(.flags) ? event.flags : nil {
            case nil: out.append(UInt8(ascii: "-"))
            case 0?: out.append(UInt8(ascii: "0"))
            case let flags?: out.append(flags: flags, names: flagNames)
            }
        case .socket:
            if arguments.contains(.socket), let socket = event.socket {
                out.append("0x")
                out.append(hex: socket, digits: 16)
            } else {
                out.append(UInt8(ascii: "-"))
            }
        case .local, .peer: return append(end: column, of: event, batch, to: &out)
        }
        return out.count - start
    }

    /// Appends one end of a socket.
    /// - Returns: how many columns of a terminal it takes.
    func append(
        end column: TextColumn, of event: borrowing SocketEvent, _ batch: borrowing TraceBatch,
        to out: inout OutputBuffer
    ) -> Int {
        let start = out.count
        let place = Int(event.details)
        let isPeer = column == .peer
        let end: EventDetails.Members = isPeer ? .remote : .local
        guard place >= 0, batch.details[place].known.contains(end) else {
            out.append(UInt8(ascii: "-"))
            return 1
        }
        if isPeer {
            return out.append(
                end: batch.details[place].rawRemote, inode: batch.details[place].remoteInode, since: start)
        }
        return out.append(end: batch.details[place].rawLocal, inode: nil, since: start)
    }

    private func append(comm event: borrowing SocketEvent, to out: inout OutputBuffer) -> Int {
        if let comm = event.comm { return out.append(text: comm) }
        out.append(UInt8(ascii: "-"))
        return 1
    }

    /// Name and process number, as perf(1) writes them.
    private func append(process event: borrowing SocketEvent, to out: inout OutputBuffer) -> Int {
        let width = append(comm: event, to: &out)
        let end = out.count
        out.append(UInt8(ascii: "/"))
        out.append(number: event.pid)
        return width + out.count - end
    }

    /// Bytes, or the error that there was instead.
    private func append(
        result event: borrowing SocketEvent, _ arguments: Alias.Arguments, to out: inout OutputBuffer
    ) {
        if arguments.contains(.success), event.success == false {
            guard let number = event.errorNumber else { return out.append("failed") }
            out.append(ErrorNames.name(of: number), orNumber: number)
        } else if arguments.contains(.size), let size = event.size {
            out.append(decimal: size)
        } else if arguments.contains(.err), event.success == true {
            out.append("ok")
        } else {
            out.append(UInt8(ascii: "-"))
        }
    }

    private func append(via event: borrowing SocketEvent, _ arguments: Alias.Arguments, to out: inout OutputBuffer) {
        if arguments.contains(.via), let via = event.via {
            out.append(via.word)
        } else if arguments.contains(.requester), let requester = event.requester {
            out.append(requester == 0 ? "user" : requester == 1 ? "kernel" : nil, orNumber: requester)
        } else {
            out.append(UInt8(ascii: "-"))
        }
    }
}

extension OutputBuffer {
    /// Appends an address with its port.
    package mutating func append(end address: borrowing SocketAddress, inode: UInt64?, since start: Int) -> Int {
        switch address.kind {
        case .ipv4, .ipv6, .number: break
        case .path, .abstractName:
            if address.count == 0 {
                guard let inode else {
                    append(UInt8(ascii: "*"))
                    return 1
                }
                append("socket:[")
                append(decimal: inode)
                append(UInt8(ascii: "]"))
                return count - start
            }
            return append(text: address)
        case .netlink: break
        }
        if address.kind == .ipv6 { append(UInt8(ascii: "[")) }
        _ = append(text: address)
        if address.kind == .ipv6 { append(UInt8(ascii: "]")) }
        if let port = address.port {
            append(UInt8(ascii: ":"))
            append(decimal: UInt64(port))
        }
        return count - start
    }

    fileprivate mutating func append(number: Int32?) {
        if let number { append(decimal: Int64(number)) } else { append(UInt8(ascii: "-")) }
    }

    fileprivate mutating func append(_ number: Int32?, _ name: (Int32) -> StaticString?) {
        guard let number else { return append(UInt8(ascii: "-")) }
        append(name(number), orNumber: number)
    }
}
