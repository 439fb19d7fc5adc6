// What a reader has to know is in the file before the records are: a recorder can be killed, or a disk can fill up, at
// any moment.
extension TraceDatWriter {
    /// Puts the extension into the file now, in place of what was noted before. `finish` replaces it by the final one.
    ///
    /// More of what was noted before is added to it without a moment at which the file has neither.
    /// - Returns: false where it is larger than `Options.extensionRoom`; nothing is changed then.
    package mutating func note(extension data: [UInt8]) throws(TraceDatError) -> Bool {
        guard data.count <= options.extensionRoom else { return false }
        let start = layout.extensionAt + UInt64(PrivateSections.headSize)
        if data.starts(with: noted) {
            try file.write(Array(data[noted.count...]), at: start + UInt64(noted.count))
        } else {
            try writeNoteSize(0)
            try file.write(data, at: start)
        }
        try writeNoteSize(data.count)
        noted = data
        return true
    }

    /// Makes readers pass over the note of a version 6 file, which would come after the final extension.
    func forgetNote() throws(TraceDatError) {
        try writeNoteSize(0)
    }

    private func writeNoteSize(_ count: Int) throws(TraceDatError) {
        var size = ByteWriter()
        size.put(UInt64(count))
        try file.write(size.bytes, at: layout.extensionAt + UInt64(PrivateSections.sizeOffset))
    }
}
