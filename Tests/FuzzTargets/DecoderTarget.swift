internal import EventFormats
internal import EventOutput
internal import RingBuffer
internal import SocketEvents

/// After the byte that chooses the layout: format texts, each after a line `== SYSTEM/EVENT`, then sub-buffers after a
/// line `== pages`.
func decode(_ input: UnsafeRawBufferPointer) {
    guard let first = input.first, let layout = LayoutChoice(first).layout else { return }
    let choice = LayoutChoice(first)
    let (texts, pagesAt) = parts(input)
    let parser = FormatParser(byteOrder: choice.byteOrder, longSize: choice.longSize)
    let formats = texts.compactMap { text in try? parser.parseFormat(text.bytes, system: text.system) }
    let bytes = UnsafeRawBufferPointer(rebasing: input[pagesAt...])
    let regions = choice.regions(bytes.count)
    var merge = RecordMerge(layouts: Array(repeating: layout, count: regions.count))
    let table = EventPlanTable(formats: formats)
    var decoder = SocketDecoder(
        plans: table, cpus: regions.indices.map { UInt32($0) }, byteOrder: choice.byteOrder, aliases: .all,
        scope: TaskScope())
    let renderers = [OutputFormat.text, .json, .csv].map { EventRenderer(format: $0) }
    var batch = TraceBatch()
    var out = OutputBuffer()
    var isFed = Array(repeating: false, count: regions.count)
    while true {
        let stop = decoder.decode(&merge, in: bytes.bytes, into: &batch, capacity: 64)
        for item in batch.items { for renderer in renderers { renderer.render(item, into: &out) } }
        batch.clear()
        out.clear()
        switch stop {
        case .full: continue
        case .done:
            decoder.finish(malformedPages: merge.malformedPages)
            return
        case .hungry(let stream):
            if isFed[stream] {
                merge.close(stream: stream)
            } else {
                merge.feed(stream: stream, region: regions[stream], in: bytes.bytes)
            }
            isFed[stream] = true
        }
    }
}

/// The format texts, and where the sub-buffers begin.
private func parts(_ input: UnsafeRawBufferPointer) -> (texts: [(system: String, bytes: [UInt8])], pagesAt: Int) {
    var texts: [(system: String, bytes: [UInt8])] = []
    var position = 1
    while position < input.count {
        let end = input[position...].firstIndex(of: UInt8(ascii: "\n")) ?? input.count
        let line = input[position..<end]
        let next = min(end + 1, input.count)
        if line.starts(with: "== ".utf8) {
            let name = String(decoding: line.dropFirst(3), as: UTF8.self)
            if name == "pages" { return (texts, next) }
            guard texts.count < 64 else { return (texts, input.count) }
            texts.append((String(name.prefix { $0 != "/" }), []))
        } else if !texts.isEmpty {
            texts[texts.count - 1].bytes += line
            texts[texts.count - 1].bytes.append(UInt8(ascii: "\n"))
        }
        position = next
    }
    return (texts, input.count)
}
