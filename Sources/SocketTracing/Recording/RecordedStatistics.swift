internal import TraceDat
internal import TraceFS

/// The kernel's counts of each CPU at the end of a recording, as a trace.dat repeats them: "CPU: 0" and the text of
/// `per_cpu/cpu0/stats`. Those of an instance follow the line "Buffer: NAME" (add_buffer_stat in trace-cmd's
/// tracecmd/trace-record.c).
///
/// Both sockftrace and trace-cmd empty the buffers first, so that the counts are those of the recording.
struct RecordedStatistics: Sendable {
    private struct Place: Hashable {
        var buffer: String
        var cpu: Int
    }

    private var counts: [Place: CPUStatistics] = [:]

    init(_ texts: [String]) {
        var buffer = ""
        for text in texts {
            for line in text.split(separator: "\n") {
                if let name = Self.value(of: "Buffer", in: line) { buffer = String(name) }
                guard let cpu = Self.value(of: "CPU", in: line).flatMap({ Int($0) }) else { continue }
                counts[Place(buffer: buffer, cpu: cpu)] = CPUStatistics(text)
            }
        }
    }

    private static func value(of key: String, in line: Substring) -> Substring? {
        guard line.starts(with: key + ":") else { return nil }
        return line.dropFirst(key.count + 1).drop { $0 == " " }
    }

    /// Records that the kernel counted as lost; nil where the file has no counts.
    var lost: UInt64? { counts.isEmpty ? nil : counts.values.reduce(0) { $0 &+ $1.lost } }

    /// Records that were read from the buffers, or were in them still, and that the file lacks.
    /// - Parameter records: those that the file has, of each CPU of each buffer.
    func absent(from records: [(buffer: String, cpu: Int, count: UInt64)]) -> [(
        buffer: String, cpu: Int, count: UInt64
    )] {
        var present: [Place: UInt64] = [:]
        for (buffer, cpu, count) in records { present[Place(buffer: buffer, cpu: cpu), default: 0] &+= count }
        return counts.compactMap { place, statistics in
            let (written, found) = (statistics.entries &+ statistics.readEvents, present[place] ?? 0)
            return written > found ? (place.buffer, place.cpu, written - found) : nil
        }.sorted { ($0.buffer, $0.cpu) < ($1.buffer, $1.cpu) }
    }
}
