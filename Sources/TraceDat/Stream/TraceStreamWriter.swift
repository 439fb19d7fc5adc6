/// Makes a recording's stream, as `StreamFormat` has it: bytes to be written in their order.
package struct TraceStreamWriter: Sendable {
    private let options: TraceDatWriter.Options
    private var out = ByteWriter()

    /// - Parameter options: of a file of version 7.
    package init(_ options: TraceDatWriter.Options) {
        self.options = options
    }

    /// Bytes made and not taken.
    package var count: Int { out.count }

    /// Hands over what was made since the last call.
    package mutating func take() -> [UInt8] {
        defer { out = ByteWriter() }
        return out.bytes
    }

    /// Begins the stream.
    /// - Parameter data: what the reader must know from the start; `TraceFile.extensionData` of the head.
    package mutating func putHead(extension data: [UInt8]) {
        out.put(StreamFormat.magic)
        let image = FileMetadata(options: options).image(extension: data)
        putFrame(.head, cpu: UInt32(options.cpuCount), count: image.count)
        out.put(image)
    }

    /// Adds whole sub-buffers of a CPU.
    package mutating func put(cpu: UInt32, _ subBuffers: UnsafeRawBufferPointer) {
        var start = 0
        while start < subBuffers.count {
            let page = UnsafeRawBufferPointer(rebasing: subBuffers[start..<(start + options.pageSize)])
            let used = page.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
            putFrame(.subBuffer, cpu: cpu, count: used)
            out.put(bytes: UnsafeRawBufferPointer(rebasing: page[..<used]))
            start += options.pageSize
        }
    }

    /// Says that every record of an earlier time has been put.
    package mutating func put(horizon: UInt64) {
        putFrame(.horizon, cpu: 0, count: 8)
        out.put(horizon.littleEndian)
    }

    /// Ends the stream.
    package mutating func putEnd(extension data: [UInt8]) {
        let kept = UInt64(data.count) <= StreamFormat.endLimit ? data : []
        putFrame(.end, cpu: 0, count: kept.count)
        out.put(kept)
    }

    private mutating func putFrame(_ kind: StreamFormat.Kind, cpu: UInt32, count: Int) {
        out.put(kind.rawValue.littleEndian)
        out.put(cpu.littleEndian)
        out.put(UInt64(count).littleEndian)
    }
}

extension FileMetadata {
    /// A complete file of version 7 that holds no records.
    func image(extension data: [UInt8]) -> [UInt8] {
        let front = V7Metadata(self)
        var ending = FinalMetadata()
        ending.extensionData = data
        let start = UInt64(front.head.count)
        let size = UInt64(front.tail(at: start, ending, end: nil).bytes.count)
        ending.dataStart = start + size
        let tail = front.tail(at: start, ending, end: start + size)
        return front.head(optionsAt: tail.options) + tail.bytes
    }
}
