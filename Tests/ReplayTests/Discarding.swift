import EventFormats
import RingBuffer
import SystemPackage
import Testing
import TraceDat

@testable import SocketEvents
@testable import SocketTracing

/// Sub-buffers in memory, as if they were read from a kernel.
struct MadePages: ~Copyable, PageSource {
    var streams: [[UInt8]]
    /// Bytes handed over at once.
    var step: Int

    private var places: [Int]

    init(_ streams: [[UInt8]], step: Int) {
        (self.streams, self.step) = (streams, step)
        places = Array(repeating: 0, count: streams.count)
    }

    mutating func fill(stream: Int, of store: borrowing PageStore) throws(TracingError) -> Range<Int> {
        let slot = store.slot(of: stream)
        let room = store.memory.room(slot)
        let count = min(step, room.count, streams[stream].count - places[stream])
        let part = places[stream]..<places[stream] + count
        streams[stream].withUnsafeBytes { room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[part])) }
        places[stream] += count
        return store.memory.region(slot, count: count)
    }
}

/// What comes of a recording that leaves out what a filter does not pass.
struct Discarding {
    var streams: [[UInt8]]
    var dropped: [UInt64] = []
    var kept: [UInt64] = []
    var mostHeld = 0

    /// - Parameter horizons: up to which is decoded, round by round, before the rest is.
    init(
        _ pages: [[UInt8]], _ layout: SubBufferLayout, _ decoder: consuming SocketDecoder, _ filter: EventFilter,
        horizons: [UInt64] = [], step: Int? = nil, patience: HeldPages.Patience = HeldPages.Patience()
    ) throws(TracingError) {
        streams = Array(repeating: [], count: pages.count)
        var source = MadePages(pages, step: step ?? 16 * layout.size)
        var discarder = RecordDiscarder(
            decoder, layouts: pages.map { _ in layout }, filter: filter, patience: patience)
        for horizon in horizons + [.max] {
            while true {
                let isOver = try discarder.sift(&source, until: horizon)
                mostHeld = max(mostHeld, discarder.heldBytes)
                take(&discarder)
                if isOver { break }
            }
        }
        discarder.finish()
        take(&discarder)
        dropped = discarder.counts.map(\.dropped)
        kept = discarder.counts.map(\.kept)
    }

    private mutating func take(_ discarder: inout RecordDiscarder) {
        var taken = streams
        try? discarder.take { stream, bytes in taken[stream] += bytes }
        streams = taken
    }
}

/// A fixture as it would have been recorded with `--discard`.
struct DiscardedFixture {
    var dropped: UInt64
    var kept: UInt64

    /// Writes it.
    /// - Parameters:
    ///   - source: a recording whose notes have the filters.
    init(of source: String, to path: String, aliases: AliasSet = .standard, rounds: Int) throws {
        var file = try TraceFile(path: FilePath(source))
        let layout = try Replay.layout(file)
        let plans = EventPlanTable(formats: Replay.formats(file, longSize: layout.commitWidth).usable)
        var notes = try #require(file.extensionData.flatMap { RecordingMetadata(decoding: $0) })
        let cpus = file.buffers[0].cpus.map(\.cpu)
        let pages = try cpus.indices.map { try Self.pages(of: $0, in: &file, layout) }
        var decoder = SocketDecoder(
            plans: plans, cpus: cpus.map { UInt32($0) }, byteOrder: .host, aliases: aliases, scope: notes.scope,
            begin: notes.begin)
        decoder.know(notes.tasks)
        let discarding = try Discarding(
            pages, layout, decoder, EventFilter(noted: notes.filters), horizons: Self.horizons(pages, layout, rounds))

        notes.discarding = aliases.members.map { "\($0.name)" }
        for (cpu, count) in zip(cpus, discarding.dropped) { notes.discarded[cpu] = count }
        var options = TraceDatWriter.Options(
            pageSize: layout.size, cpuCount: (cpus.max() ?? 0) + 1, headerPage: file.headerPage,
            headerEvent: file.headerEvent, formats: file.formats, clock: file.clock)
        options.uname = file.uname
        var writer = try TraceDatWriter(path: FilePath(path), options: options)
        for (cpu, bytes) in zip(cpus, discarding.streams) {
            try bytes.withUnsafeBytes { try writer.append(cpu: cpu, bytes: $0) }
        }
        _ = try writer.finish(cmdlines: file.commandLines, cpuStats: file.cpuStats, extension: notes.encoded)
        dropped = discarding.dropped.reduce(0, +)
        kept = discarding.kept.reduce(0, +)
    }

    private static func pages(
        of cpu: Int, in file: inout TraceFile, _ layout: SubBufferLayout
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var page = [UInt8](repeating: 0, count: layout.size)
        var number = 0
        while try page.withUnsafeMutableBytes({ try file.read(buffer: 0, cpu: cpu, at: number, into: $0) }) == 1 {
            bytes += page
            number += 1
        }
        return bytes
    }

    /// Times between the first and the last record.
    private static func horizons(_ pages: [[UInt8]], _ layout: SubBufferLayout, _ rounds: Int) -> [UInt64] {
        let times = pages.flatMap { bytes in
            stride(from: 0, to: bytes.count, by: layout.size).map { start in
                bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: UInt64.self) }
            }
        }
        guard let first = times.min(), let last = times.max() else { return [] }
        return (0..<rounds).map { first + (last - first) / UInt64(rounds) * UInt64($0) }
    }

    /// Bytes of the sub-buffers of a file.
    static func size(of path: String) throws -> UInt64 {
        try TraceFile(path: FilePath(path)).buffers.flatMap { $0.cpus.map(\.size) }.reduce(0, +)
    }
}
