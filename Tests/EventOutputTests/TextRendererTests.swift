import EventOutput
import SocketEvents
import Testing

@Suite("Text")
struct TextRendererTests {
    @Test("Golden lines")
    func golden() {
        var failed = Sample.full(.receive)
        (failed.size, failed.success, failed.via, failed.duration) = (-11, false, .recvmsg, 812)
        (failed.family, failed.protocol, failed.flags, failed.state) = (1, 0, 0, 1)
        let lines = [
            header(.text).trimmingNewline, line(Sample.full(.send), as: .text), line(failed, as: .text),
            line(Sample.full(.create), as: .text), line(Sample.full(.createReturn), as: .text),
            line(Sample.full(.close), as: .text), line(Sample.full(.closeReturn), as: .text),
        ]
        let expected = """
                        TIME NAME           PID/TID     COMM               SIZE FAMILY  TYPE   PROTO   DURATION VIA       STATE       FLAGS          SOCKET
             12271.513000123 socket.send    812/813     nginx               839 INET    STREAM TCP      3.321us sendmsg   CONNECTED   SUPPORT_ZC     0xffff8e854042c340
             12271.513000123 socket.receive 812/813     nginx            EAGAIN LOCAL   STREAM 0          812ns recvmsg   UNCONNECTED 0              0xffff8e854042c340
             12271.513000123 socket.create  812/813     nginx                 - INET    STREAM TCP            - user      -           -              -
             12271.513000123 socket.create.return 812/813 nginx              ok INET    STREAM TCP      3.321us user      -           -              -
             12271.513000123 socket.close   812/813     nginx                 - INET    STREAM TCP            - -         CONNECTED   SUPPORT_ZC     0xffff8e854042c340
             12271.513000123 socket.close.return 812/813 nginx                - -       -      -        3.321us -         -           -              -
            """
        #expect(lines.joined(separator: "\n") == expected)
    }

    @Test("The titles stand above their columns", arguments: [TextLayout.full, .narrow])
    func titles(layout: TextLayout) {
        let titles = Array(header(.text, layout: layout).trimmingNewline)
        let event = Array(line(Sample.full(.send), as: .text, layout: layout))
        for start in starts(of: titles) where !["T", "S", "D"].contains(titles[start]) || start > 99 {
            #expect(event[start] != " " && event[start - 1] == " ", "column at \(start)")
        }
        #expect(layout == .full || (titles.count <= 100 && event.count <= 100))
    }

    /// Where words begin.
    private func starts(of line: [Character]) -> [Int] {
        line.indices.filter { line[$0] != " " && ($0 == 0 || line[$0 - 1] == " ") }
    }

    @Test("Every alias has as many columns as the header", arguments: Alias.allCases)
    func columnCount(alias: Alias) {
        let titles = header(.text).split(whereSeparator: \.isWhitespace).count
        #expect(line(Sample.full(alias), as: .text).split(separator: " ").count == titles)
        #expect(
            line(SocketEvent(alias: alias, time: 0, cpu: 0, tid: 1), as: .text).split(separator: " ").count == titles)
    }

    @Test("What is not known is a dash")
    func unknown() {
        #expect(
            line(SocketEvent(alias: .send, time: 5, cpu: 3, tid: 7), as: .text, layout: .narrow)
                == "     0.000000005 socket.send    -/7         -                     - -       -      -              -"
        )
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
                18446744073.709551615 socket.receive 4194304/4194303 fifteen-bytes-x ECONNREFUSED INET6 SEQPACKET \
                IPV6-ICMP 999.999ms sendmsg CONNECTED ASYNC_NOSPACE|ASYNC_WAITDATA|NOSPACE|PASSCRED|PASSSEC|\
                SUPPORT_ZC|CUSTOM_SOCKOPT|PASSPIDFD 0xffff8e854042c340
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
            #expect(line(event, as: .text).split(separator: " ")[4] == shown)
        }
        var create = Sample.full(.createReturn)
        (create.success, create.err) = (false, -93)
        #expect(line(create, as: .text).split(separator: " ")[4] == "EPROTONOSUPPORT")
    }

    @Test("Durations have a unit and at most three decimals")
    func durations() {
        var event = Sample.full(.send)
        let expected: [(UInt64, String)] = [
            (0, "0ns"), (999, "999ns"), (1000, "1.000us"), (999_999, "999.999us"), (1_000_000, "1.000ms"),
            (12_345_678, "12.345ms"), (1_000_000_000, "1.000s"), (86_400_000_000_001, "86400.000s"),
            (.max, "18446744073.709s"),
        ]
        for (duration, shown) in expected {
            event.duration = duration
            #expect(line(event, as: .text).split(separator: " ")[8] == shown)
        }
    }

    @Test("A hostile name is escaped and leaves the columns where they are", arguments: Sample.hostileNames)
    func hostileNames(comm: [UInt8]) {
        let text = line(Sample.named(comm), as: .text)
        #expect(text.unicodeScalars.allSatisfy { !NameSafety.isUnsafe($0) })
        #expect(text.hasSuffix(" 0xffff8e854042c340"))
    }

    @Test("Alignment counts what is printed, not bytes")
    func widths() {
        let plain = line(Sample.full(.send), as: .text).dropFirst(44 + 15)
        #expect(line(Sample.named(Array("größe".utf8)), as: .text).dropFirst(44 + 15) == plain)
        #expect(line(Sample.named(Array("語x".utf8)), as: .text).dropFirst(44 + 14) == plain)
        #expect(line(Sample.named([0x41, 0x1b, 0xff]), as: .text).dropFirst(44) == "A\\x1b\\xff      " + plain)
        #expect(line(Sample.named(Array("a\\b".utf8)), as: .text).dropFirst(44) == "a\\x5cb         " + plain)
    }

    @Test("Colour only when told: failures red, losses yellow")
    func colours() {
        var event = Sample.full(.send)
        #expect(!line(.event(event), as: .text, colour: true).contains("\u{1b}"))
        (event.size, event.success) = (-11, false)
        let plain = line(event, as: .text)
        #expect(!plain.contains("\u{1b}"))
        #expect(line(.event(event), as: .text, colour: true) == "\u{1b}[31m" + plain + "\u{1b}[0m")
        #expect(
            line(.lost(cpu: 1, count: 312), as: .text, colour: true)
                == "\u{1b}[33m*** lost 312 records on CPU 1 ***\u{1b}[0m")
    }

    @Test("A line is the same when its socket was seen before", arguments: [TextLayout.full, .narrow])
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
            renderer.render(event, into: &once)
            renderer.render(event, into: &twice)
            renderer.render(event, into: &twice)
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
