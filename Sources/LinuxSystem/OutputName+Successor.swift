package import SystemPackage

// A file that is written anew beside the old one, and takes its name when it is complete.
extension OutputName {
    /// An empty file on the same disk, with this one's owner and mode.
    ///
    /// It has no name until it takes this one's, so that nothing is left of it if the process is killed; where the file
    /// system knows no such files, it has this one's name and `suffix`. No file that is there is ever touched.
    package func successor(suffix: String) throws(Errno) -> OutputName {
        let status = try file.status()
        let made = try newFile(suffix: suffix)
        do {
            try made.file.setOwner(status.owner, group: status.group)
            try made.file.setMode(status.mode)
        } catch {
            made.remove()
            throw error
        }
        return made
    }

    /// Gives this file's name to a complete successor.
    /// - Returns: false where the name is no longer this file's.
    package func replace(with successor: borrowing OutputName, suffix: String) throws(Errno) -> Bool {
        // The name must not lead to a file of which the disk has nothing yet: a power cut would take both.
        try successor.file.synchronize()
        guard isInPlace else { return false }
        let directory = try copyOfDirectory()
        var name = successor.name
        if name.isEmpty {
            name = try freeName(suffix) { name throws(Errno) in try directory.link(successor.file, as: name) }
        }
        do {
            try directory.rename(name, to: self.name)
        } catch {
            try? directory.unlink(name)
            throw error
        }
        return true
    }

    private func newFile(suffix: String) throws(Errno) -> OutputName {
        if Files.exists("/proc/self/fd"), let nameless = try? OutputName(namelessIn: copyOfDirectory()) {
            return nameless
        }
        var made: OutputName?
        _ = try freeName(suffix) { name throws(Errno) in
            made = try OutputName(creating: name, in: copyOfDirectory(), mode: 0o600)
        }
        guard let made else { throw .fileExists }
        return made
    }

    private func copyOfDirectory() throws(Errno) -> Descriptor {
        switch directory {
        case .none: throw .noSuchFileOrDirectory
        case .some(let directory): return try Descriptor(duplicating: directory.raw)
        }
    }

    /// The first name after this file's that `make` finds free: with the suffix, or a number behind it.
    private func freeName(_ suffix: String, make: (String) throws(Errno) -> Void) throws(Errno) -> String {
        for number in 1...99 {
            let name = self.name + suffix + (number == 1 ? "" : "-\(number)")
            do {
                try make(name)
                return name
            } catch {
                if error != .fileExists { throw error }
            }
        }
        throw .fileExists
    }
}
