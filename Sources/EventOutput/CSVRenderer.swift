internal import BasicContainers
package import SocketEvents
package import SocketNames

/// Events as comma-separated values after RFC 4180 (with plain newlines, as Unix tools want them): a header line, then
/// one line an event, with the same columns for every alias.
///
/// The columns are the keys of the JSON form, in its order, but `wall` comes after `count`, which only `lost` lines
/// have, and what was asked for besides comes last. A field is empty
/// where the alias does not have it and where it is not known. Control characters and the like in `comm` are escaped as
/// in text, and so is a first character that makes a spreadsheet take the field for a formula (`=`, `+`, `-`, `@`): a
/// thread can call itself `=cmd|...`, and is then shown as `\x3dcmd|...`. The field is quoted where it holds a comma or a
/// quote.
package struct CSVRenderer: Sendable {
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
    ///   - optional: columns that come last.
    package init(flagNames: SocketFlagNames = .unknown, wallClock: Int64? = nil, optional: [OptionalField] = []) {
        self.flagNames = flagNames
        self.wallClock = wallClock
        self.optional = optional
    }

    /// The columns: the keys of all fields, `count` and `wall`.
    package static let columns = EventField.allCases.flatMap(\.keys) + ["count", "wall"]

    /// Appends the header line.
    package func header(into out: inout OutputBuffer) {
        out.append(line: Self.columns + optional.map(\.rawValue))
    }

    /// Appends one event of a batch.
    package func render(_ batch: borrowing TraceBatch, _ index: Int, into out: inout OutputBuffer) {
        render(batch[index], batch, into: &out)
    }

    @inline(__always)
    private func render(
        _ event: borrowing SocketEvent, _ batch: borrowing TraceBatch, into out: inout OutputBuffer
    ) {
        let place = Int(event.details)
        let arguments = event.alias.arguments
        out.append(event.alias.name)
        out.append(UInt8(ascii: ","))
        out.append(decimal: event.time)
        out.append(UInt8(ascii: ","))
        out.append(decimal: UInt64(event.cpu))
        out.appendField(event.pid.map(Int64.init))
        out.appendField(Int64(event.tid))
        out.append(UInt8(ascii: ","))
        if let comm = event.comm { out.append(csv: comm) }
        out.append(UInt8(ascii: ","))
        if arguments.contains(.socket), let socket = event.socket {
            out.append("0x")
            out.append(hex: socket, digits: 16)
        }
        out.appendWord(arguments.contains(.inode) && place >= 0 ? batch.details[place].inode : nil)
        out.appendField(arguments.contains(.size) ? event.size : nil)
        out.appendWord(arguments.contains(.bytes) ? event.bytes : nil)
        out.appendField(arguments.contains(.errno) ? event.errorNumber.map(Int64.init) : nil)
        let kind = RenderKey(event, arguments)
        if !out.append(kind, maker: maker) {
            let start = out.count
            renderFamily(event, arguments, into: &out)
            out.note(kind, maker: maker, since: start)
        }
        if arguments.contains(Alias.Arguments(.localAddress)), place >= 0 {
            renderEnds(batch, place, into: &out)
        } else {
            out.append(",,,,,")
        }
        if !out.append(kind, maker: maker &+ 1) {
            let start = out.count
            renderState(event, arguments, into: &out)
            out.note(kind, maker: maker &+ 1, since: start)
        }
        out.appendField(arguments.contains(.requester) ? event.requester.map(Int64.init) : nil)
        out.appendWord(arguments.contains(.listener) && place >= 0 ? batch.details[place].listener : nil)
        out.appendWord(arguments.contains(.backlogWait) && place >= 0 ? batch.details[place].backlogWait : nil)
        out.appendField(event.backlog.map(Int64.init))
        out.appendField(event.how.map(Int64.init))
        out.appendField(arguments.contains(.err) ? event.err.map(Int64.init) : nil)
        renderResult(event, arguments, into: &out)
        // The column `count` is for lost records.
        out.append(",,")
        if let wallClock { out.append(decimal: event.time &+ UInt64(bitPattern: wallClock)) }
        for field in optional {
            out.appendWord(arguments.contains(.inode) && place >= 0 ? field.value(of: batch.details[place]) : nil)
        }
        out.append(UInt8(ascii: "\n"))
    }

    /// Appends a line for records that the kernel dropped.
    package func renderLost(cpu: UInt32, count: UInt64?, into out: inout OutputBuffer) {
        out.append(
            line: Self.columns.map { column in
                switch column {
                case "name": "lost"
                case "cpu": String(cpu)
                case "count": count.map { String($0) } ?? ""
                default: ""
                }
            } + optional.map { _ in "" })
    }

    /// Both ends, and who is at the other one.
    private func renderEnds(_ batch: borrowing TraceBatch, _ place: Int, into out: inout OutputBuffer) {
        let known = batch.details[place].known
        Self.render(batch.details[place].rawLocal, known.contains(.local), into: &out)
        Self.render(batch.details[place].rawRemote, known.contains(.remote), into: &out)
        out.appendWord(batch.details[place].remoteInode)
    }

    private static func render(
        _ address: borrowing SocketAddress, _ isKnown: Bool, into out: inout OutputBuffer
    ) {
        out.append(UInt8(ascii: ","))
        if isKnown { out.append(csv: address) }
        out.appendWord(isKnown ? address.port.map(UInt64.init) : nil)
    }

    /// Protocol and family, each as number and name.
    private func renderFamily(
        _ event: borrowing SocketEvent, _ arguments: Alias.Arguments, into out: inout OutputBuffer
    ) {
        let proto = arguments.contains(.protocol) ? event.protocol : nil
        let family = event.family
        out.appendPair(proto, proto.flatMap { ProtocolNames.name(of: $0, family: family) })
        let shownFamily = arguments.contains(.family) ? family : nil
        out.appendPair(shownFamily, shownFamily.flatMap(AddressFamilyNames.name(of:)))
    }

    /// State, flags and type, each as number and name, and TCP's state.
    private func renderState(
        _ event: borrowing SocketEvent, _ arguments: Alias.Arguments, into out: inout OutputBuffer
    ) {
        let state = arguments.contains(.state) ? event.state : nil
        out.appendPair(state, state.flatMap(SocketStateNames.name(of:)))
        out.append(UInt8(ascii: ","))
        if arguments.contains(.tcpState), let state = event.tcpState {
            out.append(TCPStateNames.name(of: state), orNumber: Int32(state))
        }
        if arguments.contains(.flags), let flags = event.flags {
            out.append(UInt8(ascii: ","))
            out.append(decimal: flags)
            out.append(UInt8(ascii: ","))
            out.append(flags: flags, names: flagNames)
        } else {
            out.append(",,")
        }
        let type = arguments.contains(.type) ? event.type : nil
        out.appendPair(type, type.flatMap(SocketTypeNames.name(of:)))
    }

    /// Success, error, via and duration.
    private func renderResult(
        _ event: borrowing SocketEvent, _ arguments: Alias.Arguments, into out: inout OutputBuffer
    ) {
        let success = arguments.contains(.success) ? event.success : nil
        out.appendField(success.map { $0 ? 1 : 0 })
        out.append(UInt8(ascii: ","))
        if success == false, let number = event.errorNumber {
            out.append(ErrorNames.name(of: number), orNumber: number)
        }
        out.append(UInt8(ascii: ","))
        if arguments.contains(.via), let via = event.via { out.append(via.name) }
        out.append(UInt8(ascii: ","))
        if arguments.contains(.duration), let duration = event.duration { out.append(decimal: duration) }
    }
}

extension OutputBuffer {
    /// Appends fields that need no quotes as a line.
    fileprivate mutating func append(line fields: [String]) {
        for byte in fields.joined(separator: ",").utf8 { append(byte) }
        append(UInt8(ascii: "\n"))
    }

    /// Appends a comma, and a number where there is one.
    @inline(__always)
    fileprivate mutating func appendField(_ value: Int64?) {
        append(UInt8(ascii: ","))
        if let value { append(decimal: value) }
    }

    /// The same for a number that is not negative.
    @inline(__always)
    fileprivate mutating func appendWord(_ value: UInt64?) {
        append(UInt8(ascii: ","))
        if let value { append(decimal: value) }
    }

    /// Appends a number and its name as two fields, each behind its comma.
    @inline(__always)
    fileprivate mutating func appendPair(_ number: Int32?, _ name: StaticString?) {
        guard let number else { return append(",,") }
        appendField(Int64(number))
        append(UInt8(ascii: ","))
        append(name, orNumber: number)
    }

    /// Appends a name as a field: escaped as in text, no formula, then quoted where needed, with its quotes doubled.
    package mutating func append(csv name: TaskName) {
        let isFormula = name.count > 0 && PrintableText.beginsFormula(name[0])
        let needsQuotes = (0..<name.count).contains { index in
            name[index] == UInt8(ascii: "\"") || name[index] == UInt8(ascii: ",")
        }
        guard needsQuotes || isFormula else {
            append(text: name)
            return
        }
        if needsQuotes { append(UInt8(ascii: "\"")) }
        if isFormula {
            append("\\x")
            append(hex: UInt64(name[0]), digits: 2)
        }
        let rest = isFormula ? TaskName((1..<name.count).map { name[$0] }) : name
        appendEscaped(text: rest, count: rest.count, doublingQuotes: needsQuotes)
        if needsQuotes { append(UInt8(ascii: "\"")) }
    }
}
