import EventOutput
import SocketEvents
import SocketNames

/// Events and rendering shared by the tests of all formats.
enum Sample {
    /// The kernel of the samples: Linux 6.1.
    static let flagNames = SocketFlagNames.withPassBits

    /// An event of any alias with every property set, whether the alias has it or not.
    static func full(_ alias: Alias) -> SocketEvent {
        var event = SocketEvent(alias: alias, time: 12_271_513_000_123, cpu: 0, tid: 813)
        event.pid = 812
        event.comm = TaskName("nginx".utf8)
        event.socket = 0xffff_8e85_4042_c340
        event.size = 839
        (event.protocol, event.family, event.state, event.type) = (6, 2, 3, 1)
        event.flags = 32
        (event.requester, event.err) = (0, 0)
        (event.success, event.via, event.duration) = (true, .sendmsg, 3321)
        if !alias.arguments.contains(.err) { event.err = nil }
        if !alias.arguments.contains(.size) { event.size = nil }
        return event
    }

    /// The same between the two ends of the contract's example.
    static func located(_ alias: Alias) -> TracedEvent {
        var event = full(alias)
        event.err = alias.arguments.contains(.err) ? 0 : nil
        event.tcpState = 1
        var details = EventDetails()
        details.inode = 20931
        details.local = .ipv4(10, 0, 0, 2, port: 80)
        details.remote = .ipv4(10, 0, 0, 9, port: 51234)
        return TracedEvent(event, details)
    }

    /// A send of a thread with this name.
    static func named(_ comm: [UInt8]) -> SocketEvent {
        var event = full(.send)
        event.comm = TaskName(comm)
        return event
    }

    /// Names that nobody gives a thread by accident.
    static let hostileNames: [[UInt8]] = [
        Array("\u{1b}[2J\u{1b}[31mred".utf8),
        Array("say \"hi\", \\n".utf8),
        [0xff, 0xfe, 0x41, 0xc3],
        Array("fifteen-bytes-x".utf8),
        Array("a\nb\tc\rd\u{7f}".utf8),
        Array("é\u{9b}31m語".utf8),
        [0xed, 0xa0, 0x80, 0xc0, 0x80, 0xf5, 0x80, 0xf0, 0x80, 0x80, 0x80],
        Array("\u{202e}gpj\u{200b}\u{2028}".utf8),
        Array("a\u{e0041}\u{e0001}\u{fff9}".utf8),
        Array("12345678901234".utf8) + [0xe8],
        [0x01], [0x20], [0x22], [0x5c], [0x2c], [0x80], Array("\"".utf8) + Array(",\"\"".utf8),
        Array("😀x".utf8), [],
    ]
}

extension OutputBuffer {
    /// The contents as text, which every format must be.
    var text: String? { withUnsafeBytes { String(validating: $0, as: UTF8.self) } }
}

/// What a renderer makes of one item, without its newline.
func line(
    _ item: TraceItem, as format: OutputFormat, flagNames: SocketFlagNames = Sample.flagNames,
    layout: TextLayout = TextLayout(), colour: Bool = false
) -> String {
    var out = OutputBuffer()
    EventRenderer(format: format, flagNames: flagNames, layout: layout, colour: colour).render(item, into: &out)
    guard let text = out.text, text.last == "\n" else { return "not a line of UTF-8" }
    return String(text.dropLast())
}

/// The same for an event.
func line(_ event: SocketEvent, as format: OutputFormat, layout: TextLayout = TextLayout()) -> String {
    line(.plain(event), as: format, layout: layout)
}

/// What a renderer puts above the first item.
func header(_ format: OutputFormat, layout: TextLayout = TextLayout()) -> String {
    var out = OutputBuffer()
    EventRenderer(format: format, layout: layout).header(into: &out)
    return out.text ?? "not UTF-8"
}
