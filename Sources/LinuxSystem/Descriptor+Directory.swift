internal import CLinux
package import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A directory that is open: its names mean the same files whoever renames what is above it meanwhile.
extension Descriptor {
    /// The names in it without `.` and `..`, in the order the kernel gives them.
    package func names() throws(Errno) -> [String] {
        let copy = try SystemCall.make(.listDirectory) { fcntl(raw, F_DUPFD_CLOEXEC, 0) }
        guard let stream = fdopendir(copy) else {
            let code = Errno(rawValue: errno)
            _ = close(copy)
            throw code
        }
        defer { closedir(stream) }
        // The copy shares its position with the original, which may have been read before.
        rewinddir(stream)
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw Errno(rawValue: errno) }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    /// The status of a name in it; of a symbolic link itself, not of what it names.
    package func status(ofName name: String) throws(Errno) -> FileStatus {
        var facts = stat()
        _ = try SystemCall.make(.fstatat, name) { fstatat(raw, name, &facts, AT_SYMLINK_NOFOLLOW) }
        return FileStatus(facts)
    }

    /// Gives a file in it another name in it, in place of what had that name.
    package func rename(_ name: String, to other: String) throws(Errno) {
        _ = try SystemCall.make(.rename, "\(name) \(other)") { renameat(raw, name, raw, other) }
    }

    /// Gives a file that is open a name in it, which must not be there yet: for one that was opened `nameless`.
    package func link(_ file: borrowing Descriptor, as name: String) throws(Errno) {
        // By way of /proc; AT_EMPTY_PATH would need CAP_DAC_READ_SEARCH.
        let path = "/proc/self/fd/\(file.raw)"
        _ = try SystemCall.make(.link, name) { linkat(AT_FDCWD, path, raw, name, AT_SYMLINK_FOLLOW) }
    }

    /// What a symbolic link in it names.
    package func linkTarget(ofName name: String) throws(Errno) -> String {
        try withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer throws(Errno) in
            let count = try SystemCall.make(.readLink, name) {
                buffer.baseAddress.map { readlinkat(raw, name, $0, buffer.count) } ?? -1
            }
            return String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
        }
    }

    /// Takes a name of a file out of it.
    package func unlink(_ name: String) throws(Errno) {
        _ = try SystemCall.make(.unlink, name) { unlinkat(raw, name, 0) }
    }
}
