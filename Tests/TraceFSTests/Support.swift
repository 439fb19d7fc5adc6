import LinuxSystem
import Testing

@testable import TraceFS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A directory that stands in for tracefs or /proc; removed with everything in it.
final class StandIn {
    let path: String

    init() throws {
        var template = Array("/tmp/tracefs-test-XXXXXX".utf8CString)
        path = try template.withUnsafeMutableBufferPointer { buffer in
            let made = try #require(buffer.baseAddress.flatMap { mkdtemp($0) })
            return String(cString: made)
        }
    }

    var directory: TracingDirectory { TracingDirectory(path: path) }

    /// Makes a file and the directories on the way to it.
    func put(_ file: String, _ text: String = "") throws {
        let parts = file.split(separator: "/")
        makeDirectory(parts.dropLast().joined(separator: "/"))
        let stream = try #require(fopen("\(path)/\(file)", "w"))
        fputs(text, stream)
        fclose(stream)
    }

    func makeDirectory(_ name: String) {
        var made = path
        for part in name.split(separator: "/") {
            made += "/\(part)"
            mkdir(made, 0o755)
        }
    }

    func link(_ file: String, to target: String) throws {
        try #require(symlink(target, "\(path)/\(file)") == 0)
    }

    func text(_ file: String) throws -> String {
        try ControlFile.text(of: "\(path)/\(file)", "read")
    }

    func has(_ file: String) -> Bool { access("\(path)/\(file)", F_OK) == 0 }

    deinit {
        Self.remove(path)
    }

    private static func remove(_ path: String) {
        if let names = try? Files.names(in: path) {
            for name in names { remove("\(path)/\(name)") }
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}

/// A recorded file beside the tests.
func fixture(_ name: String) throws -> String {
    let here = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    return try ControlFile.text(of: "/\(here)/Fixtures/\(name)", "read a fixture")
}

/// Whether and why not the tests on the real tracefs can run.
enum Live {
    static let obstacle: Comment? = {
        do {
            let directory = try TracingDirectory.find()
            try directory.checkWritable()
            guard try directory.capabilities().has(.userProbes) else { return "this kernel has no uprobe events" }
            return nil
        } catch let error as TraceFSError {
            return Comment(rawValue: error.description.split(separator: "\n").joined(separator: "; "))
        } catch {
            return "unknown"
        }
    }()

    static var isPossible: Bool { obstacle == nil }
    static var reason: Comment { obstacle ?? "" }
}
