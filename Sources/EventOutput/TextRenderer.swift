package import SocketEvents
package import SocketNames

/// Which columns text has.
package enum TextLayout: Sendable {
    /// All columns, about 155 wide.
    case full
    /// Without VIA, STATE, FLAGS and SOCKET: at most 100 wide where no value is longer than its column.
    case narrow
}

/// Events as aligned columns for people.
///
/// `-` stands for what is not known, and in columns that an alias does not have. A value longer than its column pushes
/// those behind it, which fall back into line as soon as there is room; there is always a space between two.
///
/// | column | shows |
/// |---|---|
/// | TIME | seconds of the trace clock, with nanoseconds, or what `TimeColumn` says in their place |
/// | NAME | the alias |
/// | PID/TID | process and thread |
/// | COMM | the thread's name; control characters and bytes that are not UTF-8 as `\xNN` |
/// | SIZE | bytes; for a failed operation its error, or `failed` if not known; `ok` for a socket created |
/// | FAMILY, TYPE, PROTO | names |
/// | DURATION | from entry to return: ns, us, ms or s, cut after three decimals |
/// | VIA | the route of a message; who asked for a new socket: `user` or `kernel` |
/// | STATE | name |
/// | FLAGS | meanings joined by a bar, `0` where no bit is set |
/// | SOCKET | address of the kernel's `struct socket` |
package struct TextRenderer: Sendable {
    /// What the bits of `socket.flags` mean on the traced kernel.
    package var flagNames: SocketFlagNames {
        didSet { maker = RenderCache.newMaker() }
    }
    private(set) var maker = RenderCache.newMaker()
    /// Which columns there are.
    package var layout: TextLayout
    /// Whether failed operations are red and losses yellow.
    package var colour: Bool
    /// What the first column shows.
    package var time: TimeColumn

    /// A renderer for a trace of a kernel with these flags.
    package init(
        flagNames: SocketFlagNames = .unknown, layout: TextLayout = .full, colour: Bool = false,
        time: TimeColumn = .clock
    ) {
        self.time = time
        self.flagNames = flagNames
        self.layout = layout
        self.colour = colour
    }

    /// The first position of each column that is aligned to the left; the position behind each that is aligned to the
    /// right.
    enum Column {
        static let name = 17
        static let task = 32
        static let comm = 44
        static let sizeEnd = 67
        static let family = 68
        static let type = 76
        static let proto = 83
        /// Where a duration of the greatest width below 1000 seconds begins.
        static let durationStart = 90
        static let durationEnd = 99
        static let via = 100
        static let state = 110
        static let flags = 122
        static let socket = 137
    }

    /// The columns from left to right, a space between two of them; `Column` says where that puts them.
    static let columns: [EventField] = [.time, .name, .pid, .comm, .size, .family, .type, .protocol, .duration]
    /// Those behind them where there is room.
    static let details: [EventField] = [.via, .state, .flags, .socket]

    /// Appends the line of column titles.
    package func header(into out: inout OutputBuffer) {
        let origin = out.count + time.extraWidth
        out.append(spaces: time.extraWidth)
        var start = 0
        for field in layout == .full ? Self.columns + Self.details : Self.columns {
            guard let column = field.schema.column else { continue }
            let indent = column.isRight ? column.width - column.title.utf8CodeUnitCount : 0
            out.append(spaces: origin + start + indent - out.count)
            out.append(column.title)
            start += column.width + 1
        }
        out.append(UInt8(ascii: "\n"))
    }

    /// Appends one event.
    package func render(_ event: borrowing SocketEvent, into out: inout OutputBuffer) {
        let arguments = event.alias.arguments
        let kind = RenderKey(event, arguments)
        if renderInPlace(event, arguments, kind, into: &out) { return }
        let success = event.success
        let isFailed = arguments.contains(.success) && success == false
        if colour, isFailed { out.append("\u{1b}[31m") }
        // Where the line's column 0 would be in the buffer, did every byte take one column.
        var origin = out.count
        out.append(time: event.time, as: time)
        origin += time.extraWidth
        out.pad(to: Column.name, from: origin)
        out.append(event.alias.name)
        out.pad(to: Column.task, from: origin)
        if let pid = event.pid { out.append(decimal: Int64(pid)) } else { out.append(UInt8(ascii: "-")) }
        out.append(UInt8(ascii: "/"))
        out.append(decimal: Int64(event.tid))
        out.pad(to: Column.comm, from: origin)
        if let comm = event.comm {
            let before = out.count
            let columns = out.append(text: comm)
            origin += out.count - before - columns
        } else {
            out.append(UInt8(ascii: "-"))
        }
        if isFailed {
            renderError(event.errorNumber, origin, into: &out)
        } else {
            renderSize(event, arguments, origin, into: &out)
        }
        // Where a value before it is too long, the columns are elsewhere.
        let isInPlace = out.count == origin + Column.sizeEnd
        if !isInPlace || !out.append(kind, maker: maker) {
            let start = out.count
            renderKind(event, arguments, origin, into: &out)
            if isInPlace { out.note(kind, maker: maker, since: start) }
        }
        renderDuration(arguments.contains(.duration) ? event.duration : nil, origin, into: &out)
        if layout == .full { renderDetails(event, arguments, kind, origin, into: &out) }
        if colour, isFailed { out.append("\u{1b}[0m") }
        out.append(UInt8(ascii: "\n"))
    }

    /// Appends a line for records that the kernel dropped.
    package func renderLost(cpu: UInt32, count: UInt64?, into out: inout OutputBuffer) {
        if colour { out.append("\u{1b}[33m") }
        if let count {
            out.append("*** lost ")
            out.append(decimal: count)
            out.append(count == 1 ? " record on CPU " : " records on CPU ")
            out.append(decimal: UInt64(cpu))
        } else {
            out.append("*** lost records on CPU ")
            out.append(decimal: UInt64(cpu))
            out.append("; the kernel does not say how many")
        }
        out.append(" ***")
        if colour { out.append("\u{1b}[0m") }
        out.append(UInt8(ascii: "\n"))
    }

    /// What a failed operation has instead of a size.
    private func renderError(_ number: Int32?, _ origin: Int, into out: inout OutputBuffer) {
        guard let number else { return out.append("failed", rightTo: Column.sizeEnd, from: origin) }
        if let name = ErrorNames.name(of: number) {
            out.append(name, rightTo: Column.sizeEnd, from: origin)
        } else {
            out.append(Int64(number), rightTo: Column.sizeEnd, from: origin)
        }
    }

    @inline(__always)
    private func renderSize(
        _ event: borrowing SocketEvent, _ arguments: Alias.Arguments, _ origin: Int, into out: inout OutputBuffer
    ) {
        if arguments.contains(.size), let size = event.size {
            out.append(size, rightTo: Column.sizeEnd, from: origin)
        } else if arguments.contains(.err), event.success == true {
            out.append("ok", rightTo: Column.sizeEnd, from: origin)
        } else {
            out.append("-", rightTo: Column.sizeEnd, from: origin)
        }
    }

    /// Family, type and protocol.
    @inline(never)
    private func renderKind(
        _ event: borrowing SocketEvent, _ arguments: Alias.Arguments, _ origin: Int, into out: inout OutputBuffer
    ) {
        out.pad(to: Column.family, from: origin)
        if arguments.contains(.family), let number = event.family {
            out.append(AddressFamilyNames.name(of: number), orNumber: number)
        } else {
            out.append(UInt8(ascii: "-"))
        }
        out.pad(to: Column.type, from: origin)
        if arguments.contains(.type), let number = event.type {
            out.append(SocketTypeNames.name(of: number), orNumber: number)
        } else {
            out.append(UInt8(ascii: "-"))
        }
        out.pad(to: Column.proto, from: origin)
        if arguments.contains(.protocol), let number = event.protocol {
            out.append(ProtocolNames.name(of: number, family: event.family), orNumber: number)
        } else {
            out.append(UInt8(ascii: "-"))
        }
    }

    @inline(__always)
    private func renderDuration(_ duration: UInt64?, _ origin: Int, into out: inout OutputBuffer) {
        guard let duration else { return out.append("-", rightTo: Column.durationEnd, from: origin) }
        let (thousandths, unit): (UInt64, StaticString)
        switch duration {
        case ..<1_000:
            out.pad(to: Column.durationEnd - 2 - OutputBuffer.decimalWidth(of: duration), from: origin)
            out.append(decimal: duration)
            return out.append("ns")
        case ..<1_000_000: (thousandths, unit) = (duration, "us")
        case ..<1_000_000_000: (thousandths, unit) = (duration / 1_000, "ms")
        default: (thousandths, unit) = (duration / 1_000_000, "s")
        }
        let (whole, part) = thousandths.quotientAndRemainder(dividingBy: 1000)
        let width = OutputBuffer.decimalWidth(of: whole) + 4 + unit.utf8CodeUnitCount
        out.pad(to: Column.durationEnd - width, from: origin)
        out.append(decimal: whole)
        out.append(UInt8(ascii: "."))
        out.append(decimal: part, digits: 3)
        out.append(unit)
    }

    /// Via, state, flags and socket.
    @inline(__always)
    private func renderDetails(
        _ event: borrowing SocketEvent, _ arguments: Alias.Arguments, _ kind: RenderKey, _ origin: Int,
        into out: inout OutputBuffer
    ) {
        out.pad(to: Column.via, from: origin)
        if arguments.contains(.via), let via = event.via {
            out.append(via.name)
        } else if arguments.contains(.requester), let requester = event.requester {
            out.append(requester == 0 ? "user" : requester == 1 ? "kernel" : nil, orNumber: requester)
        } else {
            out.append(UInt8(ascii: "-"))
        }
        out.pad(to: Column.state, from: origin)
        let isInPlace = out.count == origin + Column.state
        if !isInPlace || !out.append(kind, maker: maker &+ 1) {
            let start = out.count
            renderState(event, arguments, origin, into: &out)
            if isInPlace { out.note(kind, maker: maker &+ 1, since: start) }
        }
        if arguments.contains(.socket), let socket = event.socket {
            out.append("0x")
            out.append(hex: socket, digits: 16)
        } else {
            out.append(UInt8(ascii: "-"))
        }
    }

    /// State and flags, and the room up to the socket.
    @inline(never)
    private func renderState(
        _ event: borrowing SocketEvent, _ arguments: Alias.Arguments, _ origin: Int, into out: inout OutputBuffer
    ) {
        if arguments.contains(.state), let number = event.state {
            out.append(SocketStateNames.name(of: number), orNumber: number)
        } else {
            out.append(UInt8(ascii: "-"))
        }
        out.pad(to: Column.flags, from: origin)
        switch arguments.contains(.flags) ? event.flags : nil {
        case nil: out.append(UInt8(ascii: "-"))
        case 0?: out.append(UInt8(ascii: "0"))
        case let flags?: out.append(flags: flags, names: flagNames)
        }
        out.pad(to: Column.socket, from: origin)
    }
}

extension OutputBuffer {
    /// Appends spaces up to a column of the line that began at `origin`; one where the line is there already.
    @inline(__always)
    fileprivate mutating func pad(to column: Int, from origin: Int) {
        append(spaces: max(origin + column - count, 1))
    }

    @inline(__always)
    fileprivate mutating func append(_ text: StaticString, rightTo end: Int, from origin: Int) {
        pad(to: end - text.utf8CodeUnitCount, from: origin)
        append(text)
    }

    @inline(__always)
    fileprivate mutating func append(_ value: Int64, rightTo end: Int, from origin: Int) {
        pad(to: end - Self.decimalWidth(of: value.magnitude) - (value < 0 ? 1 : 0), from: origin)
        append(decimal: value)
    }
}
