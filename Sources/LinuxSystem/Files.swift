internal import CLinux
package import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Files by their paths: what needs no open descriptor kept.
package enum Files {
    /// All bytes of a file, such as /proc/kallsyms.
    package static func bytes(of path: String) throws(Errno) -> [UInt8] {
        try Descriptor(opening: path, .readOnly).contents()
    }

    /// The text of a file; bytes that are no UTF-8 are replaced.
    package static func text(of path: String) throws(Errno) -> String {
        String(decoding: try bytes(of: path), as: UTF8.self)
    }

    package static func exists(_ path: String) -> Bool {
        (try? SystemCall.make(.access, path) { faccessat(AT_FDCWD, path, F_OK, 0) }) != nil
    }

    /// Throws where this process may not write the file, judged by its effective user.
    package static func checkWritable(_ path: String) throws(Errno) {
        _ = try SystemCall.make(.access, path) { faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) }
    }

    package static func status(of path: String) throws(Errno) -> FileStatus {
        var facts = stat()
        _ = try SystemCall.make(.fstatat, path) { fstatat(AT_FDCWD, path, &facts, 0) }
        return FileStatus(facts)
    }

    /// What a symbolic link names; nil where there is none.
    package static func linkTarget(_ path: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let base = buffer.baseAddress,
                let count = try? SystemCall.make(.readLink, path, { readlink(path, base, buffer.count) }), count > 0
            else { return nil }
            return String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
        }
    }

    /// The names in a directory without `.` and `..`, in the order the kernel gives them.
    package static func names(in path: String) throws(Errno) -> [String] {
        try Descriptor(opening: path, .directory).names()
    }

    /// The path with every symbolic link followed; nil where there is no such file.
    package static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    package static func rename(_ path: String, to other: String) throws(Errno) {
        _ = try SystemCall.make(.rename, "\(path) \(other)") { renameat(AT_FDCWD, path, AT_FDCWD, other) }
    }

    package static func unlink(_ path: String) throws(Errno) {
        _ = try SystemCall.make(.unlink, path) { unlinkat(AT_FDCWD, path, 0) }
    }

    package static func makeDirectory(_ path: String, mode: UInt32) throws(Errno) {
        _ = try SystemCall.make(.makeDirectory, path) { mkdir(path, mode) }
    }

    package static func removeDirectory(_ path: String) throws(Errno) {
        _ = try SystemCall.make(.removeDirectory, path) { rmdir(path) }
    }
}
