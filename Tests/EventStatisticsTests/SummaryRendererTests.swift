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

    @Test("text is aligned, with units in its titles and - for what is unknown")
    func text() {
        #expect(
            SummarySample.text(of: events, as: .text) == """
                PID COMM  FAMILY  PROTO DIRECTION MESSAGES BYTES p50 µs   p90 µs   p99 µs   max µs p50 bytes p90 bytes p99 bytes max bytes FAILED ERRORS
                812 nginx INET    TCP   send             3  1000  1.000 1234.567 1234.567 1234.567      1000      1000      1000      1000      2 EAGAIN=2
                  - -     NETLINK -     receive          1     -      -        -        -        -         -         -         -         -      0

                """)
    }

    @Test("JSON has an object a line, null for what is unknown, and only what the summary goes by")
    func json() {
        #expect(
            SummarySample.text(of: events, as: .json) == """
                {"direction":"send","pid":812,"comm":"nginx","family":2,"family_name":"INET","protocol":6,\
                "protocol_name":"TCP","messages":3,"failed":2,"bytes":1000,"errors":{"EAGAIN":2},\
                "latency_ns":{"p50":1000,"p90":1234567,"p99":1234567,"max":1234567},\
                "size_bytes":{"p50":1000,"p90":1000,"p99":1000,"max":1000}}
                {"direction":"receive","pid":null,"comm":null,"family":16,"family_name":"NETLINK","protocol":null,\
                "protocol_name":null,"messages":1,"failed":0,"bytes":null,"errors":{},"latency_ns":null,"size_bytes":null}

                """)
        #expect(
            SummarySample.text(of: [message(size: -32)], as: .json, by: [.error, .socket, .type]) == """
                {"direction":"send","type":1,"type_name":"STREAM","socket":"0xffff8e854042c340","error":"EPIPE",\
                "messages":1,"failed":1,"bytes":0,"errors":{"EPIPE":1},\
                "latency_ns":{"p50":1000,"p90":1000,"p99":1000,"max":1000},"size_bytes":null}

                """)
    }

    @Test("CSV has the same columns for every summary")
    func csv() {
        let titles = """
            direction,pid,comm,family,family_name,protocol,protocol_name,type,type_name,socket,error,messages,failed,\
            bytes,latency_p50_ns,latency_p90_ns,latency_p99_ns,latency_max_ns,size_p50_bytes,size_p90_bytes,\
            size_p99_bytes,size_max_bytes,errors

            """
        #expect(
            SummarySample.text(of: events, as: .csv) == titles + """
                send,812,nginx,2,INET,6,TCP,,,,,3,2,1000,1000,1234567,1234567,1234567,1000,1000,1000,1000,EAGAIN=2
                receive,,,16,NETLINK,,,,,,,1,0,,,,,,,,,,

                """)
        #expect(
            SummarySample.text(of: [message()], as: .csv, by: [.error, .type]) == titles + """
                send,,,,,,,1,STREAM,,none,1,0,100,1000,1000,1000,1000,100,100,100,100,

                """)
    }

    @Test("names that hold escape sequences do no harm", arguments: SummaryFormat.allCases)
    func hostileNames(format: SummaryFormat) {
        let text = SummarySample.text(of: [message(comm: "\u{1b}[2J\",é")], as: format)
        #expect(!text.contains("\u{1b}"))
        #expect(text.contains("é"))
    }

    @Test("wide characters keep text aligned")
    func wideNames() {
        let text = SummarySample.text(of: [message(comm: "語"), message(comm: "ab")], as: .text, by: [.comm])
        #expect(text.hasPrefix("COMM DIRECTION"))
        #expect(text.contains("\n語   send"))
        #expect(text.contains("\nab   send"))
    }
}
