import CZstd
import Foundation
import LedgerSupport
import SystemPackage
import Testing
import TraceDat

/// A file recorded in a guest by `scripts/make-fixtures`.
struct Fixture: Sendable, CustomTestStringConvertible {
    /// Below `fixtures`.
    var folder = "kernels"
    /// As `scripts/guest --kernel` takes it.
    var kernel: String
    /// The file's name without its ending.
    var name: String

    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../fixtures")
        .standardized

    var testDescription: String { "\(kernel)/\(name)" }
    var url: URL { Self.root.appending(path: "\(folder)/\(kernel)/\(name).dat") }
    var path: String { url.path }
    var bytes: [UInt8] { get throws { Array(try Data(contentsOf: url)) } }

    /// What the workload did meanwhile; nil for a file that was made from another.
    var ledger: [LedgerLine]? {
        get throws { try ledgerText?.split(separator: "\n").map { LedgerLine($0) } }
    }

    /// The same as it was written.
    var ledgerText: String? {
        get throws {
            let file = url.deletingPathExtension().appendingPathExtension("ledger.zst")
            guard FileManager.default.fileExists(atPath: file.path) else { return nil }
            let text = try #require(decompressed(Array(try Data(contentsOf: file))))
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// The kernel's version is below this one.
    func isOlder(than version: (Int, Int)) throws -> Bool {
        let file = try TraceFile(path: FilePath(path))
        let numbers = (file.uname ?? "").split { !$0.isNumber && $0 != "." }.first { $0.contains(".") } ?? ""
        let parts = numbers.split(separator: ".").compactMap { Int($0) }
        try #require(parts.count >= 2)
        return (parts[0], parts[1]) < version
    }

    /// Every trace.dat of every kernel of this machine's kind.
    static let all = list("kernels")
    /// What trace-cmd recorded on a 32-bit and on a big-endian machine.
    static let otherMachines = list("foreign")

    /// Connections and datagrams, by sockftrace.
    static let endpoints = list("endpoints")
    /// The same as a kernel without kprobes shows it.
    static let eventProbes = list("event-probes")
    var isOfEvents: Bool { folder == "event-probes" }

    private static func list(_ folder: String) -> [Fixture] {
        let place = root.appending(path: folder)
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: place.path)) ?? []
        return names.filter { $0.hasSuffix(".dat") }.sorted().compactMap { path in
            let parts = path.dropLast(4).split(separator: "/")
            guard parts.count == 2 else { return nil }
            return Fixture(folder: folder, kernel: String(parts[0]), name: String(parts[1]))
        }
    }

    /// The files of `fixtures/trace-dat` and `fixtures/golden`, which are of other clocks, dates, buffers and origins.
    static let others: [URL] = ["trace-dat", "golden"].flatMap { name in
        let folder = root.appending(path: name)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".dat") }.sorted().map { folder.appending(path: $0) }
    }

    /// What `sockftrace record` made.
    static let own = all.filter { $0.name == "own" }
    /// What trace-cmd recorded with a ledger kept.
    static let foreign = all.filter { $0.name != "own" && ((try? $0.ledger) ?? nil) != nil }
}

/// One zstd frame, as the command line tool makes it of a file.
func decompressed(_ bytes: [UInt8]) -> [UInt8]? {
    let size = bytes.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
    guard size < 1 << 26 else { return nil }
    var result = [UInt8](repeating: 0, count: Int(size))
    let count = result.withUnsafeMutableBytes { target in
        bytes.withUnsafeBytes { ZSTD_decompress(target.baseAddress, target.count, $0.baseAddress, $0.count) }
    }
    return count == result.count ? result : nil
}

/// A folder of a test's own, removed at its end.
final class Folder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "sockftrace-replay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func write(_ bytes: some Collection<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: url.appending(path: name))
        return path(name)
    }
}
