internal import BasicContainers
internal import EventStatistics
package import SocketEvents

/// Events as a database, with who took part in them.
///
/// All that grows with the trace is in the file; in memory are the sockets and connections that are open, and the names
/// of processes.
package struct SQLiteExport: ~Copyable, Exporter {
    private let database: DatabaseOwner
    private let sources: [ExportSource]
    private let program: String
    private let isCancelled: @Sendable () -> Bool
    private var events: EventRows
    private var sockets: SocketRows
    private var connections: ConnectionRows
    private var losses: RowWriter
    private var lossCount: Int64 = 0
    private var processes = ProcessTable()
    private var names: NameTable
    private var spans: [Span]
    private var failure: ExportError?

    /// What was seen of one source.
    private struct Span {
        var events: UInt64 = 0
        var first: UInt64?
        var last: UInt64?
    }

    /// Begins a database in an empty file.
    /// - Parameters:
    ///   - program: who writes it.
    ///   - isCancelled: asked between batches whether the rest is not wanted.
    package init(
        path: String, _ sources: [ExportSource], program: String, isCancelled: @escaping @Sendable () -> Bool
    ) throws(ExportError) {
        let thread = DatabaseThread(try Database(path: path))
        try thread.execute(Schema.opening)
        database = DatabaseOwner(thread)
        events = EventRows(RowWriter(Schema.events, of: thread))
        sockets = SocketRows(RowWriter(Schema.sockets, of: thread), sources: sources.count)
        connections = ConnectionRows(RowWriter(Schema.connections, of: thread), sources: sources.count)
        losses = RowWriter(Schema.losses, of: thread)
        (self.sources, self.program, self.isCancelled) = (sources, program, isCancelled)
        names = NameTable(sources.map(\.flagNames))
        spans = sources.map { _ in Span() }
    }

    package static var aliases: AliasSet { .standard }
    package var shown: [UInt64] { spans.map(\.events) }
    package var isOver: Bool { failure != nil || isCancelled() }

    package mutating func begin() { database.thread.start() }

    package mutating func consume(_ batch: borrowing TraceBatch, _ range: Range<Int>, of source: Int) {
        guard failure == nil, let end = range.last else { return }
        spans[source].events += UInt64(range.count)
        spans[source].first = spans[source].first ?? batch.events[range.lowerBound].time
        spans[source].last = batch.events[end].time
        events.beginBatch()
        connections.beginBatch()
        do throws(ExportError) {
            for index in range { try add(batch, index, source) }
        } catch {
            failure = error
        }
    }

    private mutating func add(_ batch: borrowing TraceBatch, _ index: Int, _ source: Int) throws(ExportError) {
        let socket = sockets.socket(of: batch, index, source)
        processes.note(batch.events[index], source)
        names.note(batch.events[index], source)
        try events.write(batch, index, source, socket: socket)
        try connections.take(batch, index, source, socket: socket)
        if batch.events[index].alias == .close { try sockets.end(of: batch, index, source) }
    }

    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {
        guard failure == nil else { return }
        lossCount += 1
        losses.set(0, lossCount)
        losses.set(1, Int64(source + 1))
        losses.set(2, events.count + 1)
        losses.set(3, Int64(loss.cpu))
        losses.set(4, loss.count)
        do throws(ExportError) {
            try losses.write()
            try connections.endAll(of: source, as: .unknown)
        } catch {
            failure = error
        }
    }

    package mutating func flush() {}
    package mutating func end() {}

    package mutating func finish(_ closings: [ExportClosing]) throws(ExportError) {
        if let failure { throw failure }
        for source in sources.indices { try connections.endAll(of: source, as: .open) }
        try sockets.endAll()
        try events.flush()
        try sockets.flush()
        try connections.flush()
        try losses.flush()
        try processes.write(RowWriter(Schema.processes, of: database.thread))
        try names.write(RowWriter(Schema.names, of: database.thread))
        try writeRecordings(closings)
        try writeMeta()
        try database.thread.finish()
        try database.thread.execute(Schema.closing)
    }

    private func writeRecordings(_ closings: [ExportClosing]) throws(ExportError) {
        var rows = RowWriter(Schema.recordings, of: database.thread)
        for (index, source) in sources.enumerated() {
            let closing = index < closings.count ? closings[index] : ExportClosing()
            let (span, remarks) = (spans[index], source.remarks + closing.remarks)
            rows.set(0, Int64(index + 1))
            let texts = [source.name, source.machine, source.recorder, source.boot, source.clock]
            for (column, text) in texts.enumerated() { rows.set(1 + column, text) }
            rows.set(6, source.countsNanoseconds ? 1 : 0 as Int64)
            rows.set(7, source.wallClock)
            for (column, time) in [source.beginning, span.first, span.last].enumerated() { rows.set(8 + column, time) }
            let counts = [
                span.events, closing.lostRecords, closing.uncountedLosses, closing.missedReturns, closing.unfinished,
            ]
            for (column, count) in counts.enumerated() { rows.set(11 + column, count) }
            rows.set(16, remarks.isEmpty ? nil : remarks.joined(separator: "\n"))
            try rows.write()
        }
        try rows.flush()
    }

    private func writeMeta() throws(ExportError) {
        var rows = RowWriter(Schema.meta, of: database.thread)
        for (key, value) in [("schema_version", "\(Schema.version)"), ("program", program)] {
            rows.set(0, key)
            rows.set(1, value)
            try rows.write()
        }
        try rows.flush()
    }
}
