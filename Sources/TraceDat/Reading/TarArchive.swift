internal import RingBuffer
package import SystemPackage

/// What the shell recorder packs, read where it lies: nothing is unpacked, and no name becomes a path.
///
/// POSIX.1-1988 ustar, as BusyBox and GNU tar write it for names of fewer than 100 bytes. What a later form adds (links,
/// long names, extended headers) is passed over.
package struct TarArchive: Sendable {
    /// What an archive of the shell recorder holds; its file `sockftrace` says so first.
    package enum Contents: String, Sendable {
        /// The records of a trace.
        case capture
        /// What a kernel says of itself.
        case facts
    }

    /// Where a file lies, as the archive says it: the file may end before.
    struct Entry {
        var offset: UInt64
        var size: UInt64
    }

    let file: FileReader
    private(set) var entries: [String: Entry] = [:]
    /// Where the archive breaks off; nil of a whole one.
    private(set) var brokenOff: UInt64?

    private static let blockSize: UInt64 = 512
    /// An event each, and two files a CPU: a kernel has at most 65,536 and 8192.
    private static let entryLimit = 1 << 17
    /// The file that says what the others are.
    private static let mark = "sockftrace"
    /// The longest file that is put into memory: type information takes some 10 MiB.
    private static let textLimit: UInt64 = 32 << 20

    /// The facts of a kernel.
    package init(factsAt path: FilePath) throws(TraceDatError) {
        let file = try FileReader(path: path)
        guard try Self.isOne(file) else {
            throw TraceDatError(
                .notATraceFile, path: file.path, "this is no tar archive",
                remedy: "make it on the machine to be traced: sh recorder.sh facts >facts.tar")
        }
        try self.init(file)
        guard try contents() == .facts else {
            throw TraceDatError(
                .notATraceFile, path: file.path, "this archive holds no facts of a kernel",
                remedy: "make one on the machine to be traced: sh recorder.sh facts >facts.tar")
        }
        if let brokenOff { throw Self.cutShort(file, at: brokenOff) }
    }

    static func isOne(_ file: FileReader) throws(TraceDatError) -> Bool {
        try file.firstBytes(262).dropFirst(257).elementsEqual("ustar".utf8)
    }

    /// Whether so few bytes of a stream can be the beginning of a recorder's archive: it packs its mark first.
    static func mayBegin(with bytes: some Collection<UInt8>) -> Bool {
        bytes.count > mark.utf8.count && bytes.starts(with: mark.utf8)
            && bytes.dropFirst(mark.utf8.count).allSatisfy { $0 == 0 }
    }

    init(_ file: FileReader) throws(TraceDatError) {
        self.file = file
        var position: UInt64 = 0
        while true {
            guard position < file.size, file.size - position >= Self.blockSize else {
                brokenOff = file.size
                return
            }
            var reader = SectionReader(
                file, offset: position, count: Self.blockSize, byteOrder: .little, what: "the archive's header")
            let header = try reader.uncountedBytes(Int(Self.blockSize), "a header")
            if header.allSatisfy({ $0 == 0 }) { return }
            guard let place = TarHeader(header) else {
                throw TraceDatError(
                    .corrupt, path: file.path, offset: position, "the archive's header of a file is damaged")
            }
            position += Self.blockSize
            if place.isFile {
                guard entries.count < Self.entryLimit else {
                    throw TraceDatError(
                        .unsupported, path: file.path, offset: position,
                        "the archive has more than \(Self.entryLimit) files")
                }
                entries[place.name] = Entry(offset: position, size: place.size)
            }
            let blocks = (place.size + Self.blockSize - 1) / Self.blockSize
            guard blocks * Self.blockSize <= file.size - position else {
                brokenOff = file.size
                return
            }
            position += blocks * Self.blockSize
        }
    }

    static func cutShort(_ file: FileReader, at offset: UInt64) -> TraceDatError {
        TraceDatError(
            .cutShort, path: file.path, offset: offset, "the archive ends before its end",
            remedy: "the copy may have been broken off: fetch the file again")
    }

    /// What it is; nil where it is nothing of the shell recorder's.
    func contents() throws(TraceDatError) -> Contents? {
        let words = try facts().first { $0.key == Self.mark }?.value.split(separator: " ") ?? []
        guard words.count == 2 else { return nil }
        guard words[1] == "1" else {
            throw TraceDatError(
                .unsupported, path: file.path,
                "the shell recorder's format \(FileContents.printable(String(words[1]))) is not supported",
                remedy: "read it with the version of sockftrace that made the recorder, or a later one")
        }
        return Contents(rawValue: String(words[0]))
    }

    /// The lines `KEY VALUE` of the file that says what the others are.
    private func facts() throws(TraceDatError) -> [(key: String, value: String)] {
        try text(Self.mark, limit: 4096)?.split(separator: "\n").map { line in
            let words = line.split(separator: " ", maxSplits: 1)
            return (String(words.first ?? ""), words.count > 1 ? String(words[1]) : "")
        } ?? []
    }

    /// One of them.
    package func fact(_ key: String) throws(TraceDatError) -> String? {
        try facts().first { $0.key == key }?.value
    }

    /// Bytes of a word of the kernel that it is of.
    package func wordSize() throws(TraceDatError) -> Int {
        guard let size = try fact("long").flatMap({ Int($0) }), size == 4 || size == 8 else {
            throw TraceDatError(.corrupt, path: file.path, "the archive does not tell the size of the kernel's words")
        }
        return size
    }

    /// The names of the files in a folder, in order.
    package func names(in folder: String) -> [String] { entries.keys.filter { $0.hasPrefix(folder) }.sorted() }

    /// A file's bytes; nil where there is none of that name.
    package func bytes(_ name: String, limit: UInt64 = textLimit) throws(TraceDatError) -> [UInt8]? {
        guard let entry = entries[name] else { return nil }
        guard entry.size <= limit else {
            throw TraceDatError(
                .unsupported, path: file.path, offset: entry.offset,
                "\(FileContents.printable(name)) of \(entry.size) bytes, at most \(limit) are read")
        }
        guard entry.size <= file.size - min(entry.offset, file.size) else { throw Self.cutShort(file, at: file.size) }
        var reader = SectionReader(
            file, offset: entry.offset, count: entry.size, byteOrder: .little, what: FileContents.printable(name))
        return try reader.bytes(entry.size, "its contents")
    }

    /// A file as text; nil where there is none of that name.
    package func text(_ name: String, limit: UInt64 = textLimit) throws(TraceDatError) -> String? {
        try bytes(name, limit: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    /// An error about what the archive is of.
    package func unsupported(_ problem: String) -> TraceDatError {
        TraceDatError(.unsupported, path: file.path, FileContents.printable(problem, limit: 200))
    }

    /// A file as text that has to be there.
    package func required(_ name: String) throws(TraceDatError) -> String {
        guard let text = try text(name) else {
            throw TraceDatError(.corrupt, path: file.path, "the archive lacks the file \(name)")
        }
        return text
    }
}

/// The 512 bytes before each file of an archive.
private struct TarHeader {
    var name: String
    var size: UInt64
    /// A regular file; else a directory, a link, or something of a later form.
    var isFile: Bool

    /// Nil where it is none.
    init?(_ bytes: [UInt8]) {
        // Of all bytes, those of the sum itself taken as blanks.
        let sum = bytes.enumerated().reduce(UInt64(0)) { sum, byte in
            sum + UInt64((148..<156).contains(byte.offset) ? UInt8(ascii: " ") : byte.element)
        }
        guard Self.octal(bytes[148..<156]) == sum, let size = Self.size(bytes[124..<136]), size < 1 << 62 else {
            return nil
        }
        self.size = size
        isFile = bytes[156] == UInt8(ascii: "0") || bytes[156] == 0
        let path = bytes[0..<100].prefix { $0 != 0 }
        let prefix = bytes[345..<500].prefix { $0 != 0 }
        let whole = prefix.isEmpty ? Array(path) : Array(prefix) + [UInt8(ascii: "/")] + path
        name = String(decoding: whole.starts(with: "./".utf8) ? whole.dropFirst(2) : whole[...], as: UTF8.self)
    }

    /// As octal digits, or, of 8 GiB and more, as a number of 11 bytes behind one that says so.
    private static func size(_ field: ArraySlice<UInt8>) -> UInt64? {
        guard field.first == 0x80 else { return octal(field) }
        guard field.dropFirst().prefix(3).allSatisfy({ $0 == 0 }) else { return nil }
        return field.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func octal(_ field: ArraySlice<UInt8>) -> UInt64? {
        let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
        guard !digits.isEmpty, digits.count <= 12 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { return nil }
            value = value << 3 | UInt64(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
