/// What the first bytes of a file say that it is: so little is read before a stream is kept for reading.
enum FileStart {
    static let magic: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing".utf8)
    /// Bytes that are enough to judge: the magic, the version and the NUL behind it.
    static let count = magic.count + 2

    /// Throws where a file that begins like this is no trace.dat, or one of a version that is not read.
    /// - Parameter bytes: the file's first, fewer than `count` only where it has no more.
    static func check(_ bytes: some Collection<UInt8>, path: String) throws(TraceDatError) {
        guard !bytes.isEmpty else {
            throw TraceDatError(
                .notATraceFile, path: path, "the file is empty", remedy: "was the recording finished?")
        }
        guard bytes.starts(with: magic) else { throw foreign(bytes, path) }
        let version = bytes.dropFirst(magic.count).prefix { $0 != 0 }
        guard version.elementsEqual("6".utf8) || version.elementsEqual("7".utf8) else {
            let text = FileContents.printable(String(decoding: version, as: UTF8.self))
            throw TraceDatError(
                .unsupported, path: path, offset: UInt64(magic.count), "file version \"\(text)\" is not supported",
                remedy: "versions 6 and 7 are: trace-cmd convert --file-version 7 makes such a file")
        }
    }

    private static func foreign(_ bytes: some Collection<UInt8>, _ path: String) -> TraceDatError {
        // The magic numbers of RFC 1952, RFC 8878, the xz file format, and bzip2.
        let packed: [(magic: [UInt8], name: String, unpack: String)] = [
            ([0x1F, 0x8B], "gzip", "gzip -dc"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd", "zstd -dc"),
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz", "xz -dc"), (Array("BZh".utf8), "bzip2", "bzip2 -dc"),
        ]
        for kind in packed where bytes.starts(with: kind.magic) {
            return TraceDatError(
                .notATraceFile, path: path, offset: 0, "this is a file compressed by \(kind.name)",
                remedy: "unpack it: \(kind.unpack) FILE | sockftrace report -")
        }
        return TraceDatError(
            .notATraceFile, path: path, offset: 0, "this is not a trace.dat",
            remedy: "give a file written by sockftrace record or trace-cmd record")
    }
}
