import Foundation
import Testing

@Suite("What a recording's length costs in allocations")
struct AllocationTests {
    @Test(
        "Nothing: decoding, pairing and rendering allocate as much for a recording as for one ten times as long",
        .enabled(if: Program.stages != nil, "SOCKFTRACE_STAGES names no optimised build; scripts/test does"))
    func length() throws {
        let recordings = try Recordings()
        let (short, long) = (recordings.path("short.dat"), recordings.path("long.dat"))
        _ = try Program.stages(["grow", Recordings.own, short, "20000"])
        _ = try Program.stages(["grow", Recordings.own, long, "200000"])
        let (few, many) = (try counts(short), try counts(long))
        #expect(few.map(\.stage) == ["pair", "report"])
        for (few, many) in zip(few, many) {
            #expect(few.stage == many.stage)
            #expect(few.records >= 20000 && many.records >= 200_000)
            #expect(few.allocations > 0)
            // Tables whose keys collide by chance make some more.
            #expect(many.allocations <= few.allocations + 32, "\(few.stage): \(many.allocations) for 200,000 records")
        }
    }

    private func counts(_ path: String) throws -> [(stage: String, records: Int, allocations: Int)] {
        try Program.stages(["allocations", path]).split(separator: "\n").map { line in
            let words = line.split(separator: " ")
            try #require(words.count == 3)
            return (String(words[0]), try #require(Int(words[1])), try #require(Int(words[2])))
        }
    }
}

extension Program {
    /// The benchmarks' program. Only what is optimised is held to allocating nothing.
    static let stages = ProcessInfo.processInfo.environment["SOCKFTRACE_STAGES"]

    /// What it prints.
    static func stages(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: try #require(stages))
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let told = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: told, as: UTF8.self)
    }
}
