import SocketEvents
import Testing

@testable import EventOutput

@Suite("Text")
struct TextRendererTests {
    @Test("Golden lines")
    func golden() {
        var failed = Sample.full(.receive)
        (failed.size, failed.success, failed.via, failed.duration) = (-11, false, .aioRead, 812)
        (failed.family, failed.protocol, failed.flags, failed.state) = (1, 0, 0, 1)
        let lines = [
            header(.text).trimmingNewline, line(Sample.full(.send), as: .text), line(failed, as: .text),
            line(Sample.full(.create), as: .text), line(Sample.full(.createReturn), as: .text),
            line(Sample.full(.close), as: .text), line(Sample.full(.closeReturn), as: .text),
            line(.event(Sample.located(.connected)), as: .text),
        ]
        let expected = """
                        TIME EVENT        TID PROCESS                     BYTES LATENCY PROTO  FAMILY  TYPE   VIA      STATE       FLAGS          SOCKET             LOCAL                 PEER
             12271.513000123 send         813 nginx/812                     839 3.32 us TCP    INET    STREAM sendmsg  CONNECTED   SUPPORT_ZC     0xffff8e854042c340 -                     -
             12271.513000123 receive      813 nginx/812                  EAGAIN  812 ns LOCAL  LOCAL   STREAM read     UNCONNECTED 0              0xffff8e854042c340 -                     -
             12271.513000123 create.entry 813 nginx/812                       -       - TCP    INET    STREAM user     -           -              -                  -                     -
             12271.513000123 create       813 nginx/812                      ok 3.32 us TCP    INET    STREAM user     -           -              0xffff8e854042c340 -                     -
             12271.513000123 close        813 nginx/812                       -       - TCP    INET    STREAM -        CONNECTED   SUPPORT_ZC     0xffff8e854042c340 -                     -
             12271.513000123 close.return 813 nginx/812                       - 3.32 us -      -       -      -        -           -              -                  -                     -
             12271.513000123 connect      813 nginx/812                      ok 3.32 us TCP    INET    STREAM -        CONNECTED   SUPPORT_ZC     0xffff8e854042c340 10.0.0.2:80           10.0.0.9:51234
            """
        #expect(lines.joined(separator: "\n") == expected)
    }

    @Test("The titles stand above their columns", arguments: [nil, 40, 80, 120, 200])
    func titles(width: Int?) {
        let layout = width.map { TextLayout(fitting: $0) } ?? TextLayout()
        let titles = Array(header(.text, layout: layout).trimmingNewline)
        let event = Array(line(Sample.full(.send), as: .text, layout: layout))
        for cell in layout.cells {
            let title = Array(cell.column.traits.title.description)
            let start = cell.isRight ? cell.end - title.count : cell.start
            #expect(Array(titles[start..<start + title.count]) == title)
            let edge = cell.isRight ? cell.end - 1 : cell.start
            #expect(event[edge] != " " && (cell.start == 0 || event[cell.start - 1] == " "), "\(cell.column)")
        }
        if let width { #expect(titles.count <= width && event.count <= width) }
    }

    @Test("A terminal of 80 columns shows time, event, process, bytes or error, and latency; a wider one more")
    func widths() {
        let narrow = TextLayout(fitting: 80).columns
        #expect(Set(narrow).isSuperset(of: [.time, .event, .process, .bytes, .latency, .peer]))
        #expect(!narrow.contains(.socket) && !narrow.contains(.flags))
        for width in 20...240 {
            let layout = TextLayout(fitting: width)
            #expect((layout.cells.last?.end ?? 0) <= width)
        }
        #expect(Set(TextLayout(fitting: 120).columns).isStrictSuperset(of: narrow))
        #expect(Set(TextLayout().columns).isSuperset(of: [.state, .flags, .socket]))
    }

    @Test("No line is wider than the terminal, whatever is in it", arguments: [80, 81, 100, 120, 200])
    func limit(width: Int) {
        var longest = Sample.full(.receive)
        longest.time = .max
        (longest.pid, longest.tid) = (4_194_304, 4_194_303)
        (longest.size, longest.success) = (-93, false)
        longest.comm = TaskName("fifteen-bytes-x".utf8)
        (longest.type, longest.protocol, longest.family) = (5, 58, 31)
        (longest.duration, longest.via) = (.max, .sendpage)
        let names = Sample.hostileNames.map(Sample.named)
        let failed = names.map { event in
            var event = event
            (event.size, event.success) = (-93, false)
            return event
        }
        for time in [TimeColumn.clock, .relative(to: .max), .wall(offset: .max, zone: -1)] {
            let layout = TextLayout(fitting: width, aliases: .all, time: time)
            let renderer = TextRenderer(flagNames: Sample.flagNames, layout: layout, time: time)
            for event in [longest] + names + failed + Alias.allCases.map(Sample.full) {
                var out = OutputBuffer()
                renderer.render(TraceBatch([.plain(event)]), 0, into: &out)
                let text = out.text ?? ""
                #expect(!text.isEmpty && columns(of: text.trimmingNewline) <= width, "\(text)")
            }
        }
    }

    /// Columns of a terminal, judged apart from the code under test; what is wide is told by Unicode's East Asian blocks.
    private func columns(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { sum, scalar in
            sum
                + ((0x1100...0x115f).contains(scalar.value) || (0x2e80...0xa4cf).contains(scalar.value)
                    || (0xac00...0xd7a3).contains(scalar.value) || (0x1f300...0x1faff).contains(scalar.value) ? 2 : 1)
        }
    }

    @Test("Columns that are named stand in their order, with the whole of their values")
    func named() {
        let layout = TextLayout([.bytes, .comm, .socket, .pid, .cpu])
        #expect(
            header(.text, layout: layout) + line(Sample.full(.send), as: .text, layout: layout) == """
                    BYTES COMM            SOCKET                 PID  CPU
                      839 nginx           0xffff8e854042c340     812    0
                """)
    }

    @Test("Every alias has as many columns as the header", arguments: Alias.allCases)
    func columnCount(alias: Alias) {
        let titles = header(.text).split(whereSeparator: \.isWhitespace).count
        #expect(words(line(Sample.full(alias), as: .text)).count == titles)
        #expect(words(line(SocketEvent(alias: alias, time: 0, cpu: 0, tid: 1), as: .text)).count == titles)
    }

    /// The words of a line; a unit belongs to its number.
    private func words(_ line: String) -> [Substring] {
        line.split(separator: " ").filter { !["ns", "us", "ms", "s"].contains($0) }
    }

    @Test("What is not known is a dash")
    func unknown() {
        #expect(
            line(SocketEvent(alias: .send, time: 5, cpu: 3, tid: 7), as: .text, layout: TextLayout(fitting: 80))
                == "     0.000000 send     -/-                       -       - -")
    }

    @Test("Long values push their column, and what follows falls back into line")
    func longValues() {
        var event = Sample.full(.receive)
        event.time = .max
        (event.pid, event.tid) = (4_194_304, 4_194_303)
        (event.size, event.success) = (-111, false)
        event.comm = TaskName("fifteen-bytes-x".utf8)
        (event.type, event.protocol, event.family) = (5, 58, 10)
        event.duration = 999_999_999
        event.flags = 0xff
        #expect(
            line(event, as: .text) == """
                18446744073.709551615 receive 4194303 fifteen-bytes-x/4194304 ECONNREFUSED 1.00 s \
                IPV6-ICMP INET6 SEQPACKET sendmsg CONNECTED ASYNC_NOSPACE|ASYNC_WAITDATA|NOSPACE|PASSCRED|PASSSEC|\
                SUPPORT_ZC|CUSTOM_SOCKOPT|PASSPIDFD 0xffff8e854042c340 - -
                """)
        var mild = Sample.full(.receive)
        (mild.size, mild.success) = (-111, false)
        let (pushed, straight) = (line(mild, as: .text), line(Sample.full(.receive), as: .text))
        #expect(pushed.dropFirst(67) == straight.dropFirst(67))
    }

    @Test("A failure names its error")
    func failures() {
        var event = Sample.full(.sendmsgReturn)
        event.success = false
        for (size, shown) in [(-32, "EPIPE"), (-512, "ERESTARTSYS"), (-9999, "9999"), (nil, "failed")]
            as [(Int64?, String)]
        {
            event.size = size
            #expect(words(line(event, as: .text))[4] == shown)
        }
        var create = Sample.full(.createReturn)
        (create.success, create.err) = (false, -93)
        #expect(words(line(create, as: .text))[4] == "EPROTONOSUPPORT")
    }

    @Test("Durations have three digits and a unit")
    func durations() {
        var event = Sample.full(.send)
        let expected: [(UInt64, String)] = [
            (0, "0 ns"), (7, "7 ns"), (42, "42 ns"), (999, "999 ns"), (1000, "1.00 us"), (9_994, "9.99 us"),
            (9_995, "10.0 us"), (99_949, "99.9 us"), (99_950, "100 us"), (999_499, "999 us"), (999_500, "1.00 ms"),
            (29_491_199, "29.5 ms"), (999_499_999, "999 ms"), (999_500_000, "1.00 s"), (59_949_999_999, "59.9 s"),
            (999_499_999_999, "999 s"), (999_500_000_000, "999 s"), (86_400_000_000_001, "86400 s"),
            (.max, "18446744073 s"),
        ]
        for (duration, shown) in expected {
            event.duration = duration
            for layout in [
                TextLayout(), TextLayout(fitting: 80), TextLayout([.bytes, .latency]), TextLayout([.latency]),
            ] {
                let text = line(event, as: .text, layout: layout)
                #expect((text + " ").contains(" \(shown) ") || text == shown, "\(text)")
            }
        }
    }

    @Test("Bytes and amounts have three digits and a unit")
    func amounts() {
        let bytes: [(UInt64, String)] = [
            (0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (1_448, "1.45 kB"), (65_536, "65.5 kB"),
            (1_400_000, "1.40 MB"), (999_600, "1.00 MB"), (.max, "18.4 EB"),
        ]
        for (value, shown) in bytes {
            var out = OutputBuffer()
            out.append(bytes: value)
            #expect(out.text == shown)
        }
        var out = OutputBuffer()
        for value: UInt64 in [0, 99_999, 100_000, 1_234_567] {
            out.append(amount: value)
            out.append("; ")
        }
        #expect(out.text == "0; 99999; 100 k; 1.23 M; ")
    }

    @Test("A hostile name is escaped and leaves the columns where they are", arguments: Sample.hostileNames)
    func hostileNames(comm: [UInt8]) {
        let text = line(Sample.named(comm), as: .text)
        #expect(text.unicodeScalars.allSatisfy { !NameSafety.isUnsafe($0) })
        #expect(text.contains(" 0xffff8e854042c340 "))
    }

    @Test("Alignment counts what is printed, not bytes")
    func alignment() {
        let plain = line(Sample.full(.send), as: .text).dropFirst(34 + 23)
        #expect(line(Sample.named(Array("größe".utf8)), as: .text).dropFirst(34 + 23) == plain)
        #expect(line(Sample.named(Array("語x".utf8)), as: .text).dropFirst(34 + 22) == plain)
        #expect(line(Sample.named([0x41, 0x1b, 0xff]), as: .text).dropFirst(34) == "A\\x1b\\xff/812          " + plain)
        #expect(line(Sample.named(Array("a\\b".utf8)), as: .text).dropFirst(34) == "a\\x5cb/812             " + plain)
    }

    @Test("Colour only when told: failures red, losses yellow")
    func colours() {
        var event = Sample.full(.send)
        #expect(!line(.plain(event), as: .text, colour: true).contains("\u{1b}"))
        (event.size, event.success) = (-11, false)
        let plain = line(event, as: .text)
        #expect(!plain.contains("\u{1b}"))
        #expect(line(.plain(event), as: .text, colour: true) == "\u{1b}[31m" + plain + "\u{1b}[0m")
        #expect(
            line(.lost(cpu: 1, count: 312), as: .text, colour: true)
                == "\u{1b}[33m*** lost 312 records on CPU 1 ***\u{1b}[0m")
    }

    private static let layouts: [TextLayout] = [
        TextLayout(), TextLayout(fitting: nil), TextLayout(fitting: 200), TextLayout(fitting: 80),
        TextLayout(fitting: 40),
        TextLayout([.event, .pid, .comm, .tid, .bytes]), TextLayout([.time, .family, .via]),
        TextLayout([.event, .state, .socket]), TextLayout([.comm, .type, .flags]), TextLayout([.bytes, .latency]),
        TextLayout([.process, .latency]),
    ]

    @Test("A line is the same when its socket was seen before", arguments: layouts)
    func repeatedKinds(layout: TextLayout) throws {
        var events: [SocketEvent] = Sample.hostileNames.map(Sample.named) + Alias.allCases.map(Sample.full)
        func vary(_ change: (inout SocketEvent) -> Void) {
            for alias in [Alias.send, .receive] {
                var event = Sample.full(alias)
                change(&event)
                events.append(event)
            }
        }
        var powers: [UInt64] = (0..<64).map { UInt64(1) << UInt64($0) }
        var ten: UInt64 = 1
        while ten < UInt64.max / 10 {
            powers.append(ten)
            ten *= 10
        }
        for value in powers.flatMap({ [$0, $0 - 1] }) {
            vary { $0.time = value }
            vary { $0.duration = value }
            vary { $0.size = Int64(truncatingIfNeeded: value) }
            vary { event in
                event.pid = Int32(truncatingIfNeeded: value)
                event.tid = Int32(truncatingIfNeeded: value / 3)
            }
            vary { $0.socket = value }
            vary { $0.flags = value }
        }
        for via in Route.allCases { vary { $0.via = via } }
        for family: Int32 in 0..<50 {
            vary { event in
                event.family = family
                event.protocol = family * 5
                event.state = family - 1
            }
        }
        for change in [
            { $0.pid = nil }, { $0.comm = nil }, { $0.size = nil }, { $0.duration = nil }, { $0.via = nil },
            { $0.socket = nil }, { $0.success = nil }, { $0.flags = nil }, { $0.state = nil }, { $0.type = nil },
            { $0.success = false },
        ] as [(inout SocketEvent) -> Void] {
            vary(change)
        }
        let renderer = TextRenderer(flagNames: Sample.flagNames, layout: layout)
        for event in events {
            var once = OutputBuffer()
            var twice = OutputBuffer()
            let batch = TraceBatch([.plain(event)])
            renderer.render(batch, 0, into: &once)
            renderer.render(batch, 0, into: &twice)
            renderer.render(batch, 0, into: &twice)
            let text = once.text
            let line = try #require(text)
            let lines = twice.text
            #expect(lines == line + line)
        }
    }

    @Test("Losses")
    func losses() {
        #expect(line(.lost(cpu: 1, count: 312), as: .text) == "*** lost 312 records on CPU 1 ***")
        #expect(line(.lost(cpu: 0, count: 1), as: .text) == "*** lost 1 record on CPU 0 ***")
        #expect(
            line(.lost(cpu: 3, count: nil), as: .text)
                == "*** lost records on CPU 3; the kernel does not say how many ***")
    }
}

extension String {
    fileprivate var trimmingNewline: String { last == "\n" ? String(dropLast()) : self }
}
