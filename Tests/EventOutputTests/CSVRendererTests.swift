import EventOutput
import Foundation
import SocketEvents
import Testing

@Suite("CSV")
struct CSVRendererTests {
    @Test("Golden lines")
    func golden() {
        #expect(
            header(.csv) == """
                name,time,cpu,pid,tid,comm,socket,inode,size,bytes,errno,protocol,protocol_name,family,family_name,\
                local_address,local_port,remote_address,remote_port,remote_inode,state,state_name,tcp_state,\
                flags,flags_name,type,type_name,requester,listener,backlog_wait,backlog,how,err,success,error,via,duration,count,wall

                """)
        #expect(
            line(.event(Sample.located(.send)), as: .csv) == """
                socket.send,12271513000123,0,812,813,nginx,0xffff8e854042c340,20931,839,839,,6,TCP,2,INET,\
                10.0.0.2,80,10.0.0.9,51234,,3,CONNECTED,ESTABLISHED,32,SUPPORT_ZC,1,STREAM,,,,,,,1,,sendmsg,3321,,
                """)
        #expect(
            line(Sample.full(.sendmsg), as: .csv) == """
                socket.sendmsg,12271513000123,0,812,813,nginx,0xffff8e854042c340,,839,,,6,TCP,2,INET,,,,,,\
                3,CONNECTED,,32,SUPPORT_ZC,1,STREAM,,,,,,,,,,,,
                """)
        #expect(
            line(Sample.full(.createReturn), as: .csv)
                == "socket.create.return,12271513000123,0,812,813,nginx,0xffff8e854042c340,,,,,6,TCP,2,INET,,,,,,,,,,,1,"
                + "STREAM,0,,,,,0,1,,,3321,,")
        #expect(
            line(Sample.full(.closeReturn), as: .csv)
                == "socket.close.return,12271513000123,0,812,813,nginx,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,3321,,")
        #expect(line(.lost(cpu: 1, count: 312), as: .csv) == "lost,,1,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,312,")
        #expect(line(.lost(cpu: 1, count: nil), as: .csv) == "lost,,1,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,")
    }

    @Test("A failure has its number and its name")
    func failure() {
        var event = Sample.full(.receive)
        (event.size, event.success) = (-11, false)
        let text = line(event, as: .csv)
        #expect(text.contains(",-11,0,11,6,TCP,"))
        #expect(text.hasSuffix(",0,EAGAIN,sendmsg,3321,,"))
    }

    @Test("Names are escaped, then quoted where they must be")
    func names() {
        let expected: [(String, String)] = [
            ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("\"\"", "\"\"\"\"\"\""), ("a\nb", "a\\x0ab"),
            ("a\\b", "a\\x5cb"),
            ("\"é\u{1b}", "\"\"\"é\\x1b\""), (" a", " a"), ("=cmd|' /C c'!A0", "\\x3dcmd|' /C c'!A0"),
            ("+1,2", "\"\\x2b1,2\""), ("-sh", "\\x2dsh"), ("@SUM(1)", "\\x40SUM(1)"), ("=", "\\x3d"), ("a=b", "a=b"),
        ]
        for (name, field) in expected {
            #expect(line(Sample.named(Array(name.utf8)), as: .csv).contains(",813,\(field),0xffff"), "\(field)")
        }
    }

    @Test("Python finds the same columns in every line")
    func python() throws {
        let python = "/usr/bin/python3"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            print("SKIPPED: no \(python): JSON and CSV were not read by a parser of somebody else's")
            return
        }
        var out = OutputBuffer()
        let renderer = EventRenderer(format: .csv, flagNames: Sample.flagNames)
        renderer.header(into: &out)
        for alias in Alias.allCases {
            renderer.render(.plain(Sample.full(alias)), into: &out)
            renderer.render(.plain(SocketEvent(alias: alias, time: .max, cpu: .max, tid: .min)), into: &out)
        }
        for name in Sample.hostileNames { renderer.render(.plain(Sample.named(name)), into: &out) }
        renderer.render(.lost(cpu: 0, count: .max), into: &out)
        let script = """
            import csv, io, sys
            rows = list(csv.reader(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline=""), strict=True))
            assert all(len(row) == \(CSVRenderer.columns.count) for row in rows), [len(row) for row in rows]
            print(len(rows))
            """
        let answer = try run(python, ["-c", script], input: out.withUnsafeBytes { Data($0) })
        #expect(answer == "\(2 * Alias.allCases.count + Sample.hostileNames.count + 2)\n")
    }

    @Test func `What was asked for besides has columns of its own, last, and each line has all of them`() {
        let renderer = EventRenderer(format: .csv, flagNames: Sample.flagNames, optional: [.user, .namespace])
        var out = OutputBuffer()
        renderer.header(into: &out)
        var event = Sample.located(.send)
        event.details?.ownership.user = 1000
        renderer.render(.event(event), into: &out)
        renderer.render(.lost(cpu: 1, count: 2), into: &out)
        let lines = (out.text ?? "").split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(lines[0].suffix(2) == ["uid", "netns"])
        #expect(lines[1].suffix(2) == ["1000", ""])
        #expect(Set(lines.map(\.count)) == [CSVRenderer.columns.count + 2])
    }
}
