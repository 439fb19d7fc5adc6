internal import RingBuffer

/// Walks every stream by itself, then all of them merged: each must come to an end, stay inside its region, and the
/// two must find as many records.
func walkPages(_ input: UnsafeRawBufferPointer) {
    guard let first = input.first, let layout = LayoutChoice(first).layout else { return }
    let bytes = UnsafeRawBufferPointer(rebasing: input.dropFirst())
    let regions = LayoutChoice(first).regions(bytes.count)
    let span = bytes.bytes
    var found = 0
    for region in regions {
        var cursor = RecordCursor(layout: layout)
        cursor.enter(region: region)
        var steps = 0
        walk: while true {
            switch cursor.advance(in: span) {
            case .end: break walk
            case .loss: break
            case .record:
                found += 1
                precondition(cursor.payload >= region.lowerBound && cursor.payloadLength >= 0)
                precondition(cursor.payload + cursor.payloadLength <= region.upperBound)
            }
            steps += 1
            precondition(steps <= region.count, "more records than words")
        }
    }
    precondition(merged(regions, layout, span) == found)
}

/// The number of records that the merge hands out.
private func merged(_ regions: [Range<Int>], _ layout: SubBufferLayout, _ span: RawSpan) -> Int {
    var merge = RecordMerge(layouts: Array(repeating: layout, count: regions.count))
    // One sub-buffer at a time, as a slow reader would feed it.
    var left = regions
    var records = 0
    while true {
        switch merge.next(in: span) {
        case .record:
            records += 1
            precondition(merge.current.payload + merge.current.payloadLength <= regions[merge.stream].upperBound)
        case .loss: break
        case .hungry(let stream):
            let start = left[stream].lowerBound
            guard start < left[stream].upperBound else {
                merge.close(stream: stream)
                continue
            }
            left[stream] = start + layout.size..<left[stream].upperBound
            merge.feed(stream: stream, region: start..<start + layout.size, in: span)
        case .done: return records
        }
    }
}
