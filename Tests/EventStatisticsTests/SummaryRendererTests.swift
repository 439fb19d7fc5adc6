import EventOutput
import EventStatistics
import SocketEvents
import Testing

@Suite("A summary as text, JSON and CSV")
struct SummaryRendererTests {
    private let events = [
        message(size: 1000, duration: 1_234_567), message(size: -11, duration: 999), message(size: -11),
        message(.receive, pid: nil, comm: nil, size: nil, duration: nil) {
            ($0.family, $0.protocol, $0.socket) = (16, nil, nil)
        },
    ]

    @Test("text has sent and received side by side, with units, and - for what is unknown")
    func text() {
        #expect(
            SummarySample.text(of: events, as: .text) == """
                PROCESS   FAMILY  PROTO SENDS    SENT RECEIVES RECEIVED FAILED SEND p50 SEND p99 SEND max SEND mean SEND total RECV p50 RECV p99 RECV max RECV mean RECV total ERRORS
                nginx/812 INET    TCP       3 1.00 kB        0      0 B      2  1.00 us  1.23 ms  1.23 ms    412 us    1.24 ms        -        -        -         -          - EAGAIN=2
                -/-       NETLINK -         0     0 B        1        -      0        -        -        -         -          -        -        -        -         -          -
                total                       3 1.00 kB        1        -      2  1.00 us  1.23 ms  1.23 ms    412 us    1.24 ms        -        -        -         -          - EAGAIN=2

                """)
    }

    @Test("text fits the terminal, whatever is in it", arguments: [40, 80, 100, 120, 200], [false, true])
    func limit(width: Int, isSplit: Bool) {
        var events = events
        for (index, name) in ["\u{1b}[2J\u{1b}[31mredder", "fifteen-bytes-x", "語語語語語"].enumerated() {
            for error in [-11, -32, -111, -107, -104, -110] {
                events.append(message(pid: 4_194_300 + Int32(index), comm: name, size: Int64(error), duration: .max))
            }
            events.append(message(comm: name, size: 999_999_999_999))
        }
        for dimensions in [SummaryOptions.standard, [.error, .comm], [.socket]] {
            let text = SummarySample.text(of: events, as: .text, by: dimensions, width: width) { $0.isSplit = isSplit }
            let lines = text.split(separator: "\n")
            #expect(lines.count > 2)
            for line in lines {
                let columns = line.unicodeScalars.reduce(0) { $0 + ($1.value == 0x8a9e ? 2 : 1) }
                #expect(columns <= width || width < 80, "\(line)")
            }
        }
    }

    @Test("split text has a line for each direction")
    func split() {
        #expect(
            SummarySample.text(of: events, as: .text, by: [.comm], width: 80) { $0.isSplit = true } == """
                COMM  DIRECTION MESSAGES   BYTES FAILED     p50     p90     p99     max   mean
                nginx send             3 1.00 kB      2 1.00 us 1.23 ms 1.23 ms 1.23 ms 412 us
                -     receive          1       -      0       -       -       -       -      -

                """)
    }

    @Test("histograms have a bar for each bucket, as wide as the terminal")
    func histogram() {
        let events = [11, 12, 14, 120].map { message(.receive, duration: UInt64($0) * 1_000_000) }
        #expect(
            SummarySample.text(of: events, as: .text, by: [.comm], width: 60) { $0.histogram = .latency } == """
                nginx latency of 4 received, waiting for data included
                  10 ms ..   20 ms        3 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|
                  20 ms ..   50 ms        0 |                              |
                  50 ms ..  100 ms        0 |                              |
                 100 ms ..  200 ms        1 |@@@@@@@@@@                    |


                """)
        let json = SummarySample.text(of: events, as: .json, by: [.comm]) { $0.histogram = .size }
        #expect(json.contains(#","size_histogram":[{"from":100,"to":200,"count":4}]}"#))
    }

    @Test("JSON has an object a line, null for what is unknown, and only what the summary goes by")
    func json() {
        #expect(
            SummarySample.text(of: events, as: .json) == """
                {"direction":"send","pid":812,"comm":"nginx","family":2,"family_name":"INET","protocol":6,\
                "protocol_name":"TCP","messages":3,"failed":2,"bytes":1000,"errors":{"EAGAIN":2},\
                "latency_ns":{"p50":1000,"p90":1234567,"p99":1234567,"max":1234567},\
                "size_bytes":{"p50":1000,"p90":1000,"p99":1000,"max":1000},\
                "latency_mean_ns":412188,"latency_total_ns":1236566}
                {"direction":"receive","pid":null,"comm":null,"family":16,"family_name":"NETLINK","protocol":null,\
                "protocol_name":null,"messages":1,"failed":0,"bytes":null,"errors":{},"latency_ns":null,"size_bytes":null,\
                "latency_mean_ns":null,"latency_total_ns":null}

                """)
        #expect(
            SummarySample.text(of: [message(size: -32)], as: .json, by: [.error, .socket, .type]) == """
                {"direction":"send","type":1,"type_name":"STREAM","socket":"0xffff8e854042c340","error":"EPIPE",\
                "messages":1,"failed":1,"bytes":0,"errors":{"EPIPE":1},\
                "latency_ns":{"p50":1000,"p90":1000,"p99":1000,"max":1000},"size_bytes":null,\
                "latency_mean_ns":1000,"latency_total_ns":1000}

                """)
    }

    @Test("CSV has the same columns for every summary")
    func csv() {
        let titles = """
            direction,pid,comm,family,family_name,protocol,protocol_name,type,type_name,socket,error,messages,failed,\
            bytes,latency_p50_ns,latency_p90_ns,latency_p99_ns,latency_max_ns,size_p50_bytes,size_p90_bytes,\
            size_p99_bytes,size_max_bytes,errors,latency_mean_ns,latency_total_ns,file,\
            remote_address,remote_port,local_address,local_port,port,inode,listener,cgroup,cgroup_path

            """
        #expect(
            SummarySample.text(of: events, as: .csv) == titles + """
                send,812,nginx,2,INET,6,TCP,,,,,3,2,1000,1000,1234567,1234567,1234567,1000,1000,1000,1000,EAGAIN=2,412188,1236566,,,,,,,,,,
                receive,,,16,NETLINK,,,,,,,1,0,,,,,,,,,,,,,,,,,,,,,,

                """)
        #expect(
            SummarySample.text(of: [message()], as: .csv, by: [.error, .type]) == titles + """
                send,,,,,,,1,STREAM,,none,1,0,100,1000,1000,1000,1000,100,100,100,100,,1000,1000,,,,,,,,,,

                """)
    }

    @Test("names that hold escape sequences do no harm", arguments: SummaryFormat.allCases)
    func hostileNames(format: SummaryFormat) {
        let text = SummarySample.text(of: [message(comm: "\u{1b}[2J\",é")], as: format) {
            if format == .hdr { ($0.histogram, $0.encodesHistograms) = (.latency, true) }
        }
        #expect(!text.contains("\u{1b}"))
        #expect(text.contains("é"))
    }

    @Test("wide characters keep text aligned")
    func wideNames() {
        let text = SummarySample.text(of: [message(comm: "語"), message(comm: "ab")], as: .text, by: [.comm])
        #expect(text.hasPrefix("COMM  SENDS"))
        #expect(text.contains("\n語        1"))
        #expect(text.contains("\nab        1"))
    }

    @Test("recordings are told apart by their names, whatever these are")
    func files() {
        var options = SummaryOptions()
        options.dimensions = [.file]
        var summary = EventSummary(options: options)
        let batch = TraceBatch([message(), message()].map { .plain($0) })
        for source in [0, 1, 1, 0] { summary.add(batch, 0..<2, of: source) }
        var text = OutputBuffer()
        let names = ["\u{1b}[2Ja.dat", "=b,c.dat"]
        for format in [SummaryFormat.text, .json, .csv] {
            SummaryRenderer(format: format, options: options, fileNames: names).render(summary, into: &text)
        }
        let shown = text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(!shown.contains("\u{1b}"))
        #expect(shown.contains("\n\\x1b[2Ja.dat     4 ") && shown.contains("\n=b,c.dat         4 "))
        #expect(shown.contains(#""file":"\u001b[2Ja.dat","messages":4"#) && shown.contains(#","\x3db,c.dat""#))
    }

    @Test("ends of sockets as text, JSON and CSV")
    func ends() {
        var details = EventDetails()
        details.remote = SocketAddress(.ipv6, [UInt8](repeating: 0, count: 15) + [1], port: 80)
        details.local = SocketAddress(.path, "/run/\u{1b}a,b".utf8)
        var options = SummaryOptions()
        options.dimensions = [.local, .remote]
        var summary = EventSummary(options: options)
        let batch = TraceBatch([.event(TracedEvent(message(), details)), .plain(message(size: 1))])
        summary.add(batch, 0..<batch.eventCount)
        var out = OutputBuffer()
        for format in [SummaryFormat.text, .json, .csv] {
            SummaryRenderer(format: format, options: options).render(summary, into: &out)
        }
        let shown = out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(!shown.contains("\u{1b}"))
        let words = shown.split(separator: "\n").map { $0.split(separator: " ").prefix(5) }
        #expect(words[1] == ["/run/\\x1ba,b", "[::1]:80", "1", "100", "B"] && words[2] == ["-", "-", "1", "1", "B"])
        #expect(
            shown.contains(
                #","remote_address":"::1","remote_port":80,"local_address":"/run/\u001ba,b","local_port":null,"messages":1"#
            ))
        #expect(shown.contains(#",::1,80,"/run/\x1ba,b","#))
    }

    @Test("two summaries side by side: what changed most comes first, a second of each")
    func difference() {
        var options = SummaryOptions()
        (options.dimensions, options.order) = ([.comm], .bytes)
        func summary(_ events: [SocketEvent], seconds: UInt64) -> EventSummary {
            var summary = EventSummary(options: options)
            let end = message(comm: "nginx", size: 0) { $0.time = seconds * 1_000_000_000 }
            let batch = TraceBatch((events + [end]).map { .plain($0) })
            summary.add(batch, 0..<batch.eventCount)
            return summary
        }
        let before = summary([message(size: 1000), message(comm: "gone", size: 10)], seconds: 1)
        let after = summary([message(size: 3000), message(comm: "new", size: -11)], seconds: 2)
        var out = OutputBuffer()
        let difference = SummaryDifference(before, after, options)
        difference.renderText(width: 60, into: &out)
        #expect(
            out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == """
                COMM  BEFORE  MSGS/s  BEFORE      BYTES/s BEFORE FAILED
                nginx      2  1 -50% 1.00 kB 1.50 kB +50%      0      0
                gone       1 0 -100%    10 B    0 B -100%      0      0
                new        0       1     0 B          0 B      0      1
                total      3  2 -33% 1.01 kB 1.50 kB +49%      0      1

                """)
        out.clear()
        difference.renderJSON(into: &out)
        let json = out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(json.hasPrefix(#"{"before":{"messages":2,"messages_per_second":2,"bytes_per_second":1000,"failed":0,"#))
        #expect(json.contains(#""receive_p99_ns":null},"comm":"gone"}"#))
    }
}
