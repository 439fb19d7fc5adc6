internal import RingBuffer
internal import TraceFS

extension TracerInstance {
    /// Records what happens during a call, and hands over what is in the buffers after it.
    mutating func record(
        _ call: (BufferDirectory) throws(TraceFSError) -> Void, take: (UInt64, UnsafeRawBufferPointer) -> Void
    ) throws(TracingError) {
        do throws(TraceFSError) {
            try buffer.setTracing(true)
            let outcome = Result { () throws(TraceFSError) in try call(buffer) }
            try buffer.setTracing(false)
            try outcome.get()
        } catch {
            throw .traceFS(error)
        }
        try drain(take)
    }

    /// Hands over every record in the buffers, CPU by CPU: its time, and its payload.
    func drain(_ take: (UInt64, UnsafeRawBufferPointer) -> Void) throws(TracingError) {
        let pages = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 * layout.size, alignment: 16)
        defer { pages.deallocate() }
        for reader in 0..<readerCount {
            var cursor = RecordCursor(layout: layout)
            while case let count = try read(reader, into: pages), count > 0 {
                cursor.enter(region: 0..<count)
                let bytes = UnsafeRawBufferPointer(pages)
                walk: while true {
                    switch cursor.advance(in: bytes.bytes) {
                    case .record:
                        let end = min(count, cursor.payload + cursor.payloadLength)
                        take(cursor.time, UnsafeRawBufferPointer(rebasing: bytes[cursor.payload..<end]))
                    case .loss: continue
                    case .end: break walk
                    }
                }
            }
        }
    }
}
