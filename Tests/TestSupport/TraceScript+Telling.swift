package import EventFormats
internal import RingBuffer
package import SocketEvents
internal import ProbeContract

/// What a decoder made of a script.
package struct ToldTrace {
    /// Everything, in order.
    package var items: [TraceItem]
    /// The decoder's own account.
    package var statistics: DecodeStatistics
    /// Tasks that the decoder knew in the end.
    package var taskCount = 0
    /// Records of each CPU that another buffer has, too.
    package var repetitions: [UInt64] = []

    /// What was told, and the account of it.
    package init(items: [TraceItem] = [], statistics: DecodeStatistics = DecodeStatistics()) {
        self.items = items
        self.statistics = statistics
    }

    /// The events, without the losses.
    package var events: [SocketEvent] {
        items.compactMap { item in
            guard case .event(let event) = item else { return nil }
            return event.event
        }
    }

    /// A line for each item, with the parts that a pairing test is about: `send tcp 64 aio_write`, `lost 1 312`. What
    /// is unknown is a question mark; what the alias does not have is left out.
    package var lines: [String] {
        items.map { item in
            switch item {
            case .lost(let cpu, let count): "lost \(cpu) " + (count.map(String.init) ?? "?")
            case .event(let event): Self.line(event.event)
            }
        }
    }

    private static func line(_ event: SocketEvent) -> String {
        var words = [String(event.alias.name.description.dropFirst("socket.".count))]
        let arguments = event.alias.arguments
        if arguments.contains(.socket) {
            let socket = event.socket.map { address in
                ScriptedSocket.known.first { $0.address == address }?.name ?? String(address, radix: 16)
            }
            words.append(socket ?? "?")
        }
        if arguments.contains(.size) { words.append(event.size.map { String($0) } ?? "?") }
        if arguments.contains(.err) { words.append(event.err.map { String($0) } ?? "?") }
        if arguments.contains(.via) { words.append(event.via?.name.description ?? "?") }
        return words.joined(separator: " ")
    }
}

extension TraceScript {
    /// The formats of all events that were written, by way of their texts.
    package func formats() throws -> [EventFormat] {
        let parser = FormatParser(byteOrder: byteOrder, longSize: 8)
        return try (events + unused).map { try parser.parseFormat(Array($0.format.utf8), system: $0.system) }
    }

    /// Functions that a plan probes as well and the script does not pass: without them nobody could tell by what way a
    /// message came.
    private var unused: [ScriptedEvent] {
        let roles: [FrameRole] = [.writeIter, .readIter, .writev, .readv, .sendpage, .spliceRead]
        let names = roles.map { FrameEventName(role: $0, side: .entry) }
            .filter { name in !unprobed.contains(name.role) && !events.contains { $0.name == name.text } }
        return names.enumerated().map { index, name in
            .probe(name, group: group, id: UInt16(60_000 + index), lacking: lacking, packs: packs)
        }
    }

    /// The sub-buffers of each CPU, one behind the other.
    package var subBuffers: [[UInt8]] { pages.map { $0.flatMap { $0.build() } } }

    /// Decodes the script.
    /// - Parameters:
    ///   - aliases: those to tell; all if none is named.
    ///   - known: tasks known from the beginning.
    ///   - buffers: that the CPUs' records are in, where there are several.
    ///   - capacity: items a batch.
    ///   - pagesAtOnce: sub-buffers that a stream is fed with.
    package func told(
        _ aliases: Alias..., scope: TaskScope = .wholeSystem(), begin: UInt64 = 0, known: [KnownTask] = [],
        buffers: [Int] = [], capacity: Int = 512, pagesAtOnce: Int = 4
    ) throws -> ToldTrace {
        let layout = SubBufferLayout.standard(byteOrder: byteOrder)
        var bytes: [UInt8] = []
        var regions: [Range<Int>] = []
        for stream in pages {
            let start = bytes.count
            for page in stream { bytes += page.build() }
            regions.append(start..<bytes.count)
        }
        var merge = RecordMerge(layouts: Array(repeating: layout, count: pages.count))
        var decoder = SocketDecoder(
            plans: EventPlanTable(formats: try formats()), cpus: pages.indices.map { UInt32($0) },
            buffers: buffers, byteOrder: byteOrder, aliases: aliases.isEmpty ? .all : AliasSet(aliases), scope: scope,
            begin: begin)
        decoder.know(known)

        var told = ToldTrace()
        var batch = TraceBatch()
        while true {
            let stop = decoder.decode(&merge, in: bytes.span.bytes, into: &batch, capacity: capacity)
            switch stop {
            case .hungry(let stream):
                let end = min(regions[stream].lowerBound + pagesAtOnce * layout.size, regions[stream].upperBound)
                guard regions[stream].lowerBound < end else {
                    merge.close(stream: stream)
                    continue
                }
                merge.feed(stream: stream, region: regions[stream].lowerBound..<end, in: bytes.span.bytes)
                regions[stream] = end..<regions[stream].upperBound
            case .full, .done:
                told.items += batch.items
                batch.clear()
            }
            if stop == .done { break }
        }
        decoder.finish(malformedPages: merge.malformedPages)
        told.statistics = decoder.statistics
        told.taskCount = decoder.taskCount
        told.repetitions = pages.indices.map { decoder.repetitionCount(stream: $0) }
        return told
    }
}
