import SystemPackage
import Testing

@testable import TraceDat

/// A file that trace-cmd recorded in a guest, and what is known of it.
struct RecordedFile: Sendable, CustomTestStringConvertible {
    var name: String
    var version = 7
    var compression = Compression.none
    var clock = "mono"
    /// Records of each buffer, by name.
    var records = ["": 144]
    /// The sum of DATE and OFFSET.
    var offset: Int64 = 0
    var testDescription: String { name }

    var path: String { "\(RecordedPages.fixtures)/\(name)" }

    static let all = [
        RecordedFile(name: "v6.dat", version: 6),
        RecordedFile(name: "v6-buffers.dat", version: 6, records: ["": 144, "other": 49]),
        RecordedFile(name: "v6-converted.dat", version: 6),
        RecordedFile(name: "v7-none.dat"),
        RecordedFile(name: "v7-zstd.dat", compression: .zstd),
        RecordedFile(name: "v7-buffers.dat", compression: .zstd, records: ["": 144, "other": 49]),
        RecordedFile(name: "v7-date.dat", clock: "local", offset: 1_795_233_589_753_706_000),
        RecordedFile(name: "v7-tsc.dat", clock: "x86-tsc"),
        RecordedFile(name: "v7-extract.dat", compression: .zstd, records: ["": 146]),
        RecordedFile(name: "v7-split.dat", records: ["": 20]),
    ]
}

/// Counts the records of sub-buffers of a 64-bit little-endian kernel.
func records(in pages: [UInt8], pageSize: Int = 4096) -> Int {
    func word(_ offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(pages[offset + $1]) << (8 * $1) }
    }
    var count = 0
    for page in stride(from: 0, to: pages.count, by: pageSize) {
        let end = page + 16 + (word(page + 8) & 0x7FF_FFFF)
        var offset = page + 16
        while offset < end {
            let head = word(offset)
            switch head & 31 {
            case 29:
                if head >> 5 == 0 { offset = end } else { offset += 4 + word(offset + 4) }
            case 30, 31: offset += 8
            case 0:
                count += 1
                offset += 4 + (word(offset + 4) + 3) / 4 * 4
            case let words:
                count += 1
                offset += 4 + words * 4
            }
        }
    }
    return count
}

/// The pages of all CPUs behind each other.
func inOrder(_ pages: [Int: [UInt8]]) -> [UInt8] {
    pages.sorted { $0.key < $1.key }.flatMap(\.value)
}

/// The time of the first record of a page, which is no time record itself in the fixtures.
func firstTime(of page: [UInt8]) -> UInt64 {
    let start = (0..<8).reduce(UInt64(0)) { $0 | UInt64(page[$1]) << (8 * UInt64($1)) }
    let head = (16..<20).reduce(UInt64(0)) { $0 | UInt64(page[$1]) << (8 * UInt64($1 - 16)) }
    return start + (head >> 5)
}

@Suite struct TraceCmdFileTests {
    @Test(arguments: RecordedFile.all) func everyRecordOfEveryBufferIsThere(_ recorded: RecordedFile) throws {
        var file = try TraceFile(path: FilePath(recorded.path))
        #expect(file.header.version == recorded.version)
        #expect(file.header.compression == recorded.compression)
        #expect(file.clock == recorded.clock)
        #expect(file.timeAdjustment.offset == recorded.offset)
        // trace-cmd split does not carry it over.
        #expect(file.uname?.hasPrefix("Linux") == (recorded.name == "v7-split.dat" ? nil : true))
        #expect(file.extensionData == nil)
        #expect(file.headerPage.starts(with: "\tfield: u64 timestamp".utf8))
        #expect(file.formats.contains { $0.system == "sock" })
        #expect(file.commandLines.contains { $0.name == Array("work".utf8) })
        for index in file.buffers.indices {
            let pages = try allPages(of: &file, buffer: index)
            let count = pages.values.reduce(0) { $0 + records(in: $1) }
            #expect(count == recorded.records[file.buffers[index].name], "buffer \(file.buffers[index].name)")
        }
        #expect(file.buffers.count == recorded.records.count)
        #expect(file.damage == [])
    }

    @Test(arguments: RecordedFile.all) func cutAnywhereItReadsWhatIsLeftOrSaysWhy(_ recorded: RecordedFile) throws {
        let folder = try Folder()
        let whole = try contents(of: recorded.path)
        var full = try TraceFile(path: FilePath(recorded.path))
        let expected = try allPages(of: &full)
        var random = SystemRandomNumberGenerator()
        let places =
            Array(stride(from: 0, to: whole.count, by: 4096))
            + (0..<100).map { _ in
                Int.random(in: 0..<whole.count, using: &random)
            }
        var readable = 0
        for place in places {
            let path = folder.file("cut.dat")
            try write(whole[..<place], to: path)
            do throws(TraceDatError) {
                var file = try TraceFile(path: FilePath(path))
                var pages: [Int: [UInt8]] = [:]
                #expect(throws: Never.self) { pages = try allPages(of: &file) }
                // Behind the last section that is read there is only one of descriptions.
                #expect(!file.damage.isEmpty || place > whole.count - 300, "cut at \(place)")
                // What is there is there in order; how CPUs are told apart is known only when the options are.
                let found = pages.values.reduce(0) { $0 + $1.count }
                #expect(found <= expected.values.reduce(0) { $0 + $1.count })
                if found > 0 { readable += 1 }
            } catch {
                #expect(!error.problem.isEmpty && error.path == path, "cut at \(place): \(error)")
            }
        }
        #expect(readable > 0)
    }

    @Test(arguments: ["v7-none.dat", "v7-zstd.dat", "v7-date.dat", "v6.dat"])
    func withOnlyTheLastOptionsCutOffNoRecordIsMissing(_ name: String) throws {
        let folder = try Folder()
        let whole = try contents(of: "\(RecordedPages.fixtures)/\(name)")
        var full = try TraceFile(path: FilePath("\(RecordedPages.fixtures)/\(name)"))
        let expected = try allPages(of: &full)
        let end = full.buffers[0].cpus.map { $0.offset + $0.size }.max() ?? 0
        let path = folder.file("cut.dat")
        try write(whole[..<Int(end)], to: path)
        var file = try TraceFile(path: FilePath(path))
        // Which CPU is whose cannot always be told, but the pages are all there and in their order.
        let found = try allPages(of: &file)
        #expect(inOrder(found) == inOrder(expected))
        #expect(file.damage.isEmpty == (Int(end) == whole.count))
    }
}

@Suite struct TimeAdjustmentTests {
    @Test func dateIsAddedInMicrosecondsAndOffsetInNanoseconds() {
        #expect(leadingInteger(Array("0x10".utf8)) == 16)
        #expect(leadingInteger(Array("-12 x".utf8)) == -12)
        #expect(leadingInteger(Array(" 017".utf8)) == 15)
        #expect(leadingInteger(Array("".utf8)) == 0)
        #expect(leadingInteger(Array("99999999999999999999".utf8)) == .max)
        #expect(leadingInteger(Array("-99999999999999999999".utf8)) == .min)
        var time = TimeAdjustment()
        time.offset = -5
        #expect(time.nanoseconds(10, cpu: 0) == 5)
    }

    @Test func ticksAreMultipliedWithoutOverflow() {
        var time = TimeAdjustment()
        time.ticks = .init(multiplier: 0x8000_0000, shift: 32, offset: 7)
        #expect(time.nanoseconds(1000, cpu: 0) == 500)
        #expect(time.nanoseconds(1 << 62, cpu: 0) == 1 << 61)
    }

    @Test func guestTimesAreInterpolatedBetweenSamples() {
        let samples = [
            GuestShift.Sample(time: 1000, offset: 100, scaling: 1, fraction: 0),
            GuestShift.Sample(time: 2000, offset: 200, scaling: 1, fraction: 0),
            GuestShift.Sample(time: 3000, offset: 400, scaling: 2, fraction: 1),
        ]
        let shift = GuestShift(peerTraceID: 0, flags: 1, samples: [samples, [samples[0]], []])
        #expect(shift.host(1500, cpu: 0) == 1650)
        #expect(shift.host(2500, cpu: 0) == 2800)
        #expect(shift.host(500, cpu: 0) == 551)
        #expect(shift.host(9000, cpu: 1) == 9100)
        #expect(shift.host(9000, cpu: 2) == 9000)
        #expect(shift.host(9000, cpu: 7) == 9000)
    }
}

@Suite(.enabled(if: TraceCmd.isInstalled, "trace-cmd is not installed")) struct TraceCmdAgreesTests {
    @Test(arguments: [
        ["convert", "--file-version", "6"], ["convert", "--file-version", "7", "--compression", "zstd"],
        ["convert", "--file-version", "7", "--compression", "none"], ["split"],
    ]) func whatTraceCmdMakesOfOursIsTheSame(_ command: [String]) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let ours = folder.file("ours.dat")
        try recorded.write(to: ours, .seven, .zstd, extension: Array("own".utf8))
        let theirs = folder.file("theirs.dat")
        let result = runProgram(["trace-cmd"] + command + ["-i", ours, "-o", theirs])
        #expect(result.status == 0, "\(result.errors)")
        let path = command[0] == "split" ? theirs + ".1" : theirs
        var file = try TraceFile(path: FilePath(path))
        let count = try allPages(of: &file).values.reduce(0) { $0 + records(in: $1) }
        #expect(count == RecordedPages.records)
        #expect(file.formats == recorded.formats)
        #expect(file.damage == [])
    }

    @Test func timesAreThoseThatTraceCmdReports() throws {
        for recorded in RecordedFile.all where recorded.name != "v7-tsc.dat" {
            let report = runProgram(["trace-cmd", "report", "-t", recorded.path])
            let first = report.output.split(separator: "\n").first { $0.contains("task_newtask:") }
            let line = try #require(first)
            var file = try TraceFile(path: FilePath(recorded.path))
            let pages = try allPages(of: &file)
            let times = pages.values.map { file.timeAdjustment.nanoseconds(firstTime(of: $0), cpu: 0) }
            let earliest = try #require(times.min())
            let text =
                "\(earliest / 1_000_000_000)." + String(String(1_000_000_000 + earliest % 1_000_000_000).dropFirst())
            #expect(line.contains(text), "\(recorded.name): \(line)")
        }
    }
}
