import Foundation
import LedgerSupport

/// What the ledger came to on one kernel, left as a file for scripts/kernel-table.
///
/// Lines of words with tabs between them: `kernel NAME`, `release RELEASE`,
/// `offsets OPTION SOURCE OPERATIONS MISSED EXTRA WRONG`, `path CALL-PATH FUNCTIONS`.
struct KernelResult {
    private var lines: [[String]]
    private var sums: [(offsets: String, source: String, tally: LedgerTally)] = []
    private let kernel: String

    /// Where they go; nowhere unless scripts/test says.
    private static let directory = ProcessInfo.processInfo.environment["SOCKFTRACE_RESULTS"]

    init(kernel: String, release: String) {
        self.kernel = kernel
        lines = [["kernel", kernel], ["release", release.trimmingCharacters(in: .whitespacesAndNewlines)]]
    }

    /// Adds what one trace came to.
    /// - Parameter messages: what it said with `--verbose`: the functions chosen, and where the offsets came from.
    mutating func add(_ tally: LedgerTally, offsets: String, messages: String) {
        var source = "?"
        var isSetUp = false
        for line in messages.split(separator: "\n") {
            if let place = line.range(of: "field offsets from ") { source = String(line[place.upperBound...]) }
            // What else is said of a trace, and of its recording, comes behind that.
            if line.hasSuffix(" probes installed") { isSetUp = true }
            guard !isSetUp, let begin = line.range(of: "debug: "),
                let colon = line.range(of: ": ", range: begin.upperBound..<line.endIndex)
            else { continue }
            let (title, functions) = (String(line[begin.upperBound..<colon.lowerBound]), line[colon.upperBound...])
            // The first trace is of all aliases.
            guard !lines.contains(where: { $0.starts(with: ["path", title]) }) else { continue }
            lines.append(["path", title, functions.isEmpty ? "-" : String(functions)])
        }
        add(tally, offsets, source)
    }

    private mutating func add(_ tally: LedgerTally, _ offsets: String, _ source: String) {
        let place = sums.firstIndex { $0.offsets == offsets }
        if place == nil { sums.append((offsets, source, LedgerTally())) }
        let sum = place ?? sums.count - 1
        sums[sum].tally.operations += tally.operations
        sums[sum].tally.missed += tally.missed
        sums[sum].tally.extra += tally.extra
        sums[sum].tally.wrong += tally.wrong
    }

    /// What an earlier run left must not stand for one that fails.
    static func forget(_ kernel: String) throws {
        guard let directory else { return }
        let file = URL(filePath: directory).appending(path: kernel)
        if FileManager.default.fileExists(atPath: file.path) { try FileManager.default.removeItem(at: file) }
    }

    func write() throws {
        guard let directory = Self.directory else { return }
        let folder = URL(filePath: directory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let numbers = sums.map { sum in
            ["offsets", sum.offsets, sum.source]
                + [sum.tally.operations, sum.tally.missed, sum.tally.extra, sum.tally.wrong].map(String.init)
        }
        let text = (lines + numbers).map { $0.joined(separator: "\t") + "\n" }.joined()
        try Data(text.utf8).write(to: folder.appending(path: kernel))
    }
}
