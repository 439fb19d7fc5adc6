internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A file that is written under another name and takes its own when it is complete: whoever finds the name finds all of
/// it, and what was there before stays until then.
struct PartialFile: ~Copyable {
    /// As the user wrote it.
    let name: String
    /// Where it is written.
    let path: String
    private let target: String
    private var isKept = false

    /// Makes it, empty.
    /// - Parameters:
    ///   - inputs: files that are read meanwhile, and so must not be this one.
    ///   - what: what is to be written, for messages.
    ///   - option: what named it.
    init(
        for name: String, besides inputs: [String], _ what: String, option: String = "-o"
    ) throws(CommandFailure) {
        try Self.check(name, besides: inputs, what, option)
        let target = Files.resolved(name) ?? name
        let path = "\(target).partial-\(getpid())"
        do {
            _ = try Descriptor(opening: path, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o666)
        } catch {
            throw CommandFailure("cannot write \(what) to \(name): \(error)")
        }
        (self.name, self.target, self.path) = (name, target, path)
    }

    deinit {
        if !isKept { try? Files.unlink(path) }
    }

    /// Refuses what may not be replaced: what is no file, and what is read.
    private static func check(
        _ name: String, besides inputs: [String], _ what: String, _ option: String
    ) throws(CommandFailure) {
        var own = stat()
        guard stat(name, &own) == 0 else { return }
        guard own.st_mode & S_IFMT == S_IFREG else {
            throw CommandFailure(
                "cannot write \(what) to \(name): it is no file, and \(what) takes its name when it is complete\n"
                    + "Fix: give \(option) the name of a file", status: .badUsage)
        }
        for input in inputs {
            var facts = stat()
            let isFound = input == "-" ? fstat(STDIN_FILENO, &facts) == 0 : stat(input, &facts) == 0
            guard isFound, facts.st_dev == own.st_dev, facts.st_ino == own.st_ino else { continue }
            throw CommandFailure(
                "cannot write \(what) to \(name): it is the recording that is read\nFix: give \(option) another name",
                status: .badUsage)
        }
    }

    /// Refuses to replace a file that came to be under its name and is read.
    func check(besides inputs: [String], _ what: String, option: String) throws(CommandFailure) {
        try Self.check(name, besides: inputs, what, option)
    }

    /// Gives it its name.
    mutating func keep(_ what: String) throws(CommandFailure) {
        do {
            try Files.rename(path, to: target)
        } catch {
            throw CommandFailure("cannot write \(what) to \(name): \(error)")
        }
        isKept = true
    }
}
