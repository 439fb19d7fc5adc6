internal import CTraceEvent
package import RingBuffer

/// What a walk over sub-buffers comes upon.
package enum WalkedItem: Equatable, Sendable {
    case record(time: UInt64, payload: [UInt8])
    case loss(count: UInt64?)

    /// The record's time; none for a loss.
    package var time: UInt64? {
        guard case .record(let time, _) = self else { return nil }
        return time
    }
}

extension RecordCursor {
    /// Everything in a region, to its end.
    package mutating func walk(_ bytes: [UInt8], region: Range<Int>? = nil) -> [WalkedItem] {
        enter(region: region ?? 0..<bytes.count)
        var items: [WalkedItem] = []
        while true {
            switch advance(in: bytes.span.bytes) {
            case .record:
                items.append(.record(time: time, payload: Array(bytes[payload..<payload + payloadLength])))
            case .loss: items.append(.loss(count: lostCount))
            case .end: return items
            }
        }
    }

    /// Everything in some sub-buffers.
    package static func walk(_ bytes: [UInt8], layout: SubBufferLayout) -> [WalkedItem] {
        var cursor = RecordCursor(layout: layout)
        return cursor.walk(bytes)
    }
}

/// The records of one well-formed sub-buffer as libtraceevent's kbuffer reads them. It checks no length, so it must
/// not be shown anything else.
package func referenceWalk(_ page: [UInt8], layout: SubBufferLayout) -> [WalkedItem] {
    guard
        let buffer = kbuffer_alloc(
            layout.commitWidth == 8 ? KBUFFER_LSIZE_8 : KBUFFER_LSIZE_4,
            layout.byteOrder == .big ? KBUFFER_ENDIAN_BIG : KBUFFER_ENDIAN_LITTLE)
    else { return [] }
    defer { kbuffer_free(buffer) }
    var page = page
    return page.withUnsafeMutableBytes { bytes in
        var items: [WalkedItem] = []
        guard kbuffer_load_subbuffer(buffer, bytes.baseAddress) == 0 else { return items }
        var time: UInt64 = 0
        while let payload = kbuffer_read_event(buffer, &time) {
            let length = Int(kbuffer_event_size(buffer))
            items.append(
                .record(time: time, payload: Array(UnsafeRawBufferPointer(start: payload, count: length))))
            kbuffer_next_event(buffer, nil)
        }
        return items
    }
}
