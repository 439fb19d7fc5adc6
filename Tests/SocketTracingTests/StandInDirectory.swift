import Foundation

/// A directory that stands in for one of tracefs; removed with everything in it.
final class StandInDirectory {
    private let url: URL

    var path: String { url.path }

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "sockftrace-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// Makes a file and the directories on the way to it, or gives it another text.
    func put(_ file: String, _ text: String) throws {
        let place = url.appending(path: file)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: place)
    }

    /// Takes a file away, and the directory that it is in.
    func remove(_ file: String) throws {
        try FileManager.default.removeItem(at: url.appending(path: file).deletingLastPathComponent())
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }
}
