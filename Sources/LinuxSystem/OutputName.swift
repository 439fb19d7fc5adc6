package import SystemPackage

/// Why a file that is to be written was not opened.
package enum OutputRefusal: Error, Sendable, Equatable {
    /// The kernel's answer.
    case system(Errno)
    /// In a directory where everybody may put files (/tmp), the name is a link that another user put there.
    case anotherUsersLink
    /// In such a directory, the name is a file of another user's, who would read what is written.
    case anotherUsersFile
}

/// A file opened for writing, with the directory that has its name, links followed.
///
/// Later steps go by the directory, which is open, not by the path: whoever can rename something above it meanwhile
/// cannot lead them elsewhere.
package struct OutputName: ~Copyable, Sendable {
    package let file: Descriptor
    /// Nil where the name is no name of the file's: /dev/stdout and whatever else leads through /proc.
    package let directory: Descriptor?
    /// Its name in the directory.
    package let name: String

    private static let linkLimit = 40

    /// Opens a file, following links, but in a directory where everybody may write only those that are one's own or the
    /// directory owner's: what the kernel does with fs.protected_symlinks and fs.protected_regular, whatever these say.
    package init(opening path: String, _ flags: OpenFlags, mode: UInt32) throws(OutputRefusal) {
        var (folder, name) = Self.split(path)
        var directory = try Self.openFolder(folder)
        for _ in 0..<Self.linkLimit {
            let file: Descriptor
            do throws(Errno) {
                guard !name.isEmpty else { throw .isDirectory }
                file = try Descriptor(opening: name, in: directory, [flags, .noFollow], mode: mode)
            } catch {
                // EACCES may be the kernel's answer to the same question.
                if error == .permissionDenied { try Self.check(name, in: directory) }
                // ELOOP: the name is a link.
                guard error == .tooManySymbolicLinkLevels else { throw .system(error) }
                let target = try Self.target(ofLink: name, in: directory)
                guard let target else {
                    self = try Self(throughProc: name, in: directory, flags, mode: mode)
                    return
                }
                (folder, name) = Self.split(target)
                directory = try Self.openFolder(folder, from: directory)
                continue
            }
            try Self.check(file, in: directory)
            self.init(file: file, directory: directory, name: name)
            return
        }
        throw .system(.tooManySymbolicLinkLevels)
    }

    private init(
        throughProc name: String, in directory: borrowing Descriptor, _ flags: OpenFlags, mode: UInt32
    ) throws(OutputRefusal) {
        do throws(Errno) {
            file = try Descriptor(opening: name, in: directory, flags, mode: mode)
        } catch {
            throw .system(error)
        }
        self.directory = nil
        self.name = ""
    }

    private init(file: consuming Descriptor, directory: consuming Descriptor?, name: String) {
        self.file = file
        self.directory = directory
        self.name = name
    }

    /// A new file on a directory's disk that has no name yet.
    init(namelessIn directory: consuming Descriptor) throws(Errno) {
        file = try Descriptor(opening: ".", in: directory, [.readWrite, .nameless], mode: 0o600)
        self.directory = consume directory
        name = ""
    }

    /// Takes a new file that has no other name in the directory.
    init(creating name: String, in directory: consuming Descriptor, mode: UInt32) throws(Errno) {
        file = try Descriptor(opening: name, in: directory, [.readWrite, .create, .exclusive, .noFollow], mode: mode)
        self.directory = consume directory
        self.name = name
    }

    /// Directory and last name of a path.
    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
    }

    private static func openFolder(_ path: String) throws(OutputRefusal) -> Descriptor {
        do {
            return try Descriptor(opening: path, [.pathOnly, .directory])
        } catch {
            throw .system(error)
        }
    }

    private static func openFolder(
        _ path: String, from directory: borrowing Descriptor
    ) throws(OutputRefusal) -> Descriptor {
        do {
            return try Descriptor(opening: path, in: directory, [.pathOnly, .directory])
        } catch {
            throw .system(error)
        }
    }

    /// What a link names that may be followed; nil where it is one of procfs, whose text need not be a path.
    private static func target(ofLink name: String, in directory: borrowing Descriptor) throws(OutputRefusal) -> String?
    {
        try check(name, in: directory)
        do {
            return try directory.isOfProc() ? nil : directory.linkTarget(ofName: name)
        } catch {
            throw .system(error)
        }
    }

    private static func check(_ file: borrowing Descriptor, in directory: borrowing Descriptor) throws(OutputRefusal) {
        guard let folder = try? directory.status(), let own = try? file.status() else { return }
        if folder.isForEverybody, !folder.trusts(own.owner) { throw .anotherUsersFile }
    }

    private static func check(_ name: String, in directory: borrowing Descriptor) throws(OutputRefusal) {
        guard let folder = try? directory.status(), let found = try? directory.status(ofName: name) else { return }
        guard folder.isForEverybody, !folder.trusts(found.owner) else { return }
        throw found.kind == .symbolicLink ? .anotherUsersLink : .anotherUsersFile
    }

    /// Whether the name still means the file.
    package var isInPlace: Bool {
        guard let own = try? file.status() else { return true }
        return switch directory {
        case .none: true
        case .some(let directory): (try? directory.status(ofName: name))?.identity == own.identity
        }
    }

    /// Removes the file, unless its name now belongs to another.
    package func remove() {
        guard isInPlace else { return }
        switch directory {
        case .none: return
        case .some(let directory): try? directory.unlink(name)
        }
    }
}

extension FileStatus {
    /// A directory in which all can make files and only owners can rename them, as /tmp: sticky and writable by others.
    fileprivate var isForEverybody: Bool { mode & 0o1002 == 0o1002 }

    /// Whether a file of this owner's in this directory can be taken for meant well.
    fileprivate func trusts(_ user: UInt32) -> Bool { user == CurrentProcess.effectiveUser || user == owner }
}
