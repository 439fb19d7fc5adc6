internal import LinuxSystem
internal import SystemPackage

/// The names of files that are written one after another: NAME.0001, NAME.0002, and so on.
///
/// A later recording of the same name goes on behind the files that it finds, and the oldest of them go first: so the
/// bound holds for a recorder that is started again and again.
struct PartNames: Sendable {
    let path: FilePath

    /// The file that would follow one of these; nil where a file has another name than these.
    static func successor(of part: FilePath) -> FilePath? {
        guard let name = part.lastComponent?.string, let dot = name.lastIndex(of: "."), dot > name.startIndex,
            let number = Int(name[name.index(after: dot)...])
        else { return nil }
        let names = PartNames(path: part.removingLastComponent().appending(String(name[..<dot])))
        return names.path(of: number).lastComponent?.string == name ? names.path(of: number + 1) : nil
    }

    /// The file that was begun last; nil where there is none.
    var latest: FilePath? { (try? numbers())?.last.map { path(of: $0) } }

    private var folder: String {
        let folder = path.removingLastComponent().string
        return folder.isEmpty ? "." : folder
    }

    private var prefix: String { (path.lastComponent?.string ?? "") + "." }

    func path(of number: Int) -> FilePath {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, 4 - digits.utf8.count))
        return FilePath(path.string + "." + zeros + digits)
    }

    /// The numbers of those that are there, in ascending order.
    func numbers() throws(Errno) -> [Int] {
        try Files.names(in: folder).compactMap { name in
            guard name.hasPrefix(prefix) else { return nil }
            let digits = name.dropFirst(prefix.count)
            guard digits.utf8.count >= 4, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            // A name of ours: 00012 is none.
            return Int(digits).flatMap { path(of: $0).lastComponent?.string == name ? $0 : nil }
        }.sorted()
    }
}
