internal import Glibc
internal import RingBuffer
internal import SystemPackage
internal import TraceDat

/// The stages of the offline path, each alone, for `scripts/bench`; and the files that it needs.
@main
enum Stages {
    static let usage = """
        usage: sockftrace-stages grow FILE OUT RECORDS   repeats a recording, with times that move on
               sockftrace-stages pages FILE OUT          the sub-buffers of all CPUs, one behind the other
               sockftrace-stages walk PAGES SIZE ROUNDS  walks their records
               sockftrace-stages decode FILE             merges all CPUs' records and reads their fields
               sockftrace-stages pair FILE               decodes and pairs
               sockftrace-stages allocations FILE        counts what decode and pair, and report, allocate

        """

    static func main() throws {
        let arguments = CommandLine.arguments
        switch (arguments.dropFirst().first, arguments.count) {
        case ("grow", 5): try Growth.grow(FilePath(arguments[2]), to: FilePath(arguments[3]), Int(arguments[4]) ?? 0)
        case ("pages", 4): try Growth.extract(FilePath(arguments[2]), to: FilePath(arguments[3]))
        case ("walk", 5): try walk(arguments[2], size: Int(arguments[3]) ?? 0, rounds: Int(arguments[4]) ?? 1)
        case ("decode", 3):
            let sum = try time { try Decoding.fields(FilePath(arguments[2])) }
            _ = try FileDescriptor.standardError.writeAll("\(sum)\n".utf8)
        case ("pair", 3): _ = try time { (try Decoding.pair(FilePath(arguments[2])), 0) }
        case ("allocations", 3): try countAllocations(FilePath(arguments[2]))
        default:
            _ = try FileDescriptor.standardError.writeAll(usage.utf8)
            exit(2)
        }
    }

    private static func walk(_ path: String, size: Int, rounds: Int) throws {
        let bytes = try Growth.contents(of: FilePath(path))
        guard
            let layout = SubBufferLayout(
                size: size, commitOffset: 8, commitWidth: 8, dataOffset: 16, byteOrder: .host)
        else { return }
        var (records, sum) = (0, UInt64(0))
        let begin = now()
        for _ in 0..<rounds {
            let found = count(bytes.span.bytes, layout)
            records += found.records
            sum &+= found.sum
        }
        report(records / rounds, (now() - begin) / Double(rounds))
        _ = try FileDescriptor.standardError.writeAll("\(sum)\n".utf8)
    }

    /// The id and time of each record are needed, or the compiler leaves out the walk.
    private static func count(_ bytes: RawSpan, _ layout: SubBufferLayout) -> (records: Int, sum: UInt64) {
        var cursor = RecordCursor(layout: layout)
        cursor.enter(region: 0..<bytes.byteCount)
        var (records, sum) = (0, UInt64(0))
        while true {
            switch cursor.advance(in: bytes) {
            case .record:
                records += 1
                let id = bytes.unsafeLoadUnaligned(fromByteOffset: cursor.payload, as: UInt16.self)
                sum &+= UInt64(id) ^ cursor.time
            case .loss: continue
            case .end: return (records, sum)
            }
        }
    }

    private static func time(_ stage: () throws -> (records: Int, sum: UInt64)) throws -> UInt64 {
        let begin = now()
        let found = try stage()
        report(found.records, now() - begin)
        return found.sum
    }

    private static func countAllocations(_ path: FilePath) throws {
        let stages = [("pair", Decoding.pair), ("report", Decoding.report)]
        for (name, stage) in stages {
            guard let found = try Decoding.allocations({ try stage(path) }) else {
                _ = try FileDescriptor.standardError.writeAll("allocations are not counted in this build\n".utf8)
                exit(1)
            }
            print(name, found.records, found.allocations)
        }
    }

    private static func report(_ records: Int, _ nanoseconds: Double) {
        print(records, nanoseconds / Double(max(records, 1)))
    }

    /// Nanoseconds of processor time.
    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
