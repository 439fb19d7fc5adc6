import CZlib
import EventOutput
import Foundation
import SocketEvents
import Testing

@testable import EventStatistics

@Suite("Logs of histograms")
struct HistogramLogTests {
    /// What is in a histogram of a log, by the format's own words (AbstractHistogram.java): a reader of its own.
    private struct Decoded {
        var digits: UInt32
        var highest: UInt64
        /// Values, each the smallest of its bucket, and how often they occurred.
        var counts: [UInt64: Int64] = [:]

        init(base64 text: String) throws {
            let bytes = [UInt8](try #require(Data(base64Encoded: text)))
            func number(_ place: Int, _ size: Int, in bytes: [UInt8]) -> UInt64 {
                bytes[place..<place + size].reduce(0) { $0 << 8 | UInt64($1) }
            }
            try #require(number(0, 4, in: bytes) == 0x1c84_9314)
            try #require(number(4, 4, in: bytes) == UInt64(bytes.count - 8))
            var plain = [UInt8](repeating: 0, count: 1 << 20)
            var size = uLongf(plain.count)
            try #require(uncompress(&plain, &size, Array(bytes[8...]), uLong(bytes.count - 8)) == Z_OK)
            plain = Array(plain.prefix(Int(size)))
            try #require(number(0, 4, in: plain) == 0x1c84_9313)
            try #require(number(4, 4, in: plain) == UInt64(plain.count - 40))
            (digits, highest) = (UInt32(number(12, 4, in: plain)), number(24, 8, in: plain))
            try #require(number(8, 4, in: plain) == 0 && number(16, 8, in: plain) == 1)
            try #require(Double(bitPattern: number(32, 8, in: plain)) == 1)
            var (place, index) = (40, 0)
            while place < plain.count {
                var (raw, shift) = (UInt64(0), UInt64(0))
                repeat {
                    raw |= UInt64(plain[place] & 0x7f) << shift
                    shift += 7
                    place += 1
                } while plain[place - 1] & 0x80 != 0
                let count = Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
                if count < 0 {
                    index += Int(-count)
                    continue
                }
                // 256 sub-buckets for two digits, of which the upper half is used from the second bucket on.
                let bucket = max(index / 128 - 1, 0)
                counts[UInt64(index - bucket * 128) << UInt64(bucket)] = count
                index += 1
            }
        }
    }

    private func log(_ events: [SocketEvent], _ subject: HistogramSubject) -> [Substring] {
        var options = SummaryOptions()
        (options.dimensions, options.histogram, options.encodesHistograms) = ([.comm], subject, true)
        var out = OutputBuffer()
        SummaryRenderer(format: .hdr, options: options, wallClock: 1_700_000_000_000_000_000)
            .render(summary(of: events, options), into: &out)
        return out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
    }

    @Test("A log has an interval for each group and direction, and in it every value that was counted")
    func values() throws {
        var random = Repeatable(state: 5)
        var latencies: [UInt64] = [0, 1, 255, 256, 1 << 40]
        for _ in 0..<5000 { latencies.append(random.next() >> (random.next() % 60 + 4)) }
        let lines = log(latencies.map { message(comm: "a b,c", duration: $0) }, .latency)
        #expect(lines.count == 4)
        #expect(lines[0] == "#[Histogram log format version 1.3]")
        #expect(lines[1] == "#[StartTime: 1700000000.000 (seconds since epoch)]")
        let fields = lines[3].split(separator: ",").map(String.init)
        #expect(fields.count == 5 && fields[0] == "Tag=a_b_c_send" && fields[1] == "0.000")
        let decoded = try Decoded(base64: fields[4])
        #expect(decoded.digits == 2 && decoded.highest == latencies.max())
        var expected: [UInt64: Int64] = [:]
        for value in latencies {
            let shift = UInt64(max(0, 56 - (value | 255).leadingZeroBitCount))
            expected[(value >> shift) << shift, default: 0] += 1
        }
        #expect(decoded.counts == expected)
    }

    @Test("Groups without a value have none")
    func empty() {
        #expect(log([message(duration: nil)], .latency).count == 3)
        #expect(log([message(size: -11)], .size).count == 3)
        #expect(log([message(size: 5)], .size).count == 4)
    }
}
