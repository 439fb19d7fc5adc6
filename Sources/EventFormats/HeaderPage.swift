package import RingBuffer
extension FormatParser {
    /// The geometry of sub-buffers from the text of `events/header_page`, which has the form of an event's fields.
    package func parseHeaderPage(
        _ text: some Collection<UInt8>, byteOrder: ByteOrder
    ) throws(FormatError) -> SubBufferLayout {
        let wrapped = Array("name: header_page\nID: 1\nformat:\n".utf8) + Array(text)
        let page = try parseFormat(wrapped, system: "header")
        guard let commit = page.field("commit"), let data = page.field("data"),
            let layout = SubBufferLayout(
                size: data.offset + data.size, commitOffset: commit.offset, commitWidth: commit.size,
                dataOffset: data.offset, byteOrder: byteOrder)
        else { throw .impossibleHeader }
        return layout
    }
}
