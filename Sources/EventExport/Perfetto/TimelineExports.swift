package import SocketEvents

/// Events as a timeline for Perfetto.
package typealias PerfettoExport = TimelineFileExport<PerfettoWriter>

/// Events as a timeline for viewers that read Chrome's JSON.
package typealias ChromeExport = TimelineFileExport<ChromeWriter>

/// Events as a timeline in a file of one of the formats.
package struct TimelineFileExport<Writer: TimelineWriter & ~Copyable>: ~Copyable, Exporter {
    private var timeline: Timeline<Writer>
    private let isCancelled: @Sendable () -> Bool

    /// Begins a trace in an empty file.
    /// - Parameter isCancelled: asked between batches whether the rest is not wanted.
    package init(
        path: String, _ sources: [ExportSource], isCancelled: @escaping @Sendable () -> Bool
    ) throws(ExportError) {
        timeline = Timeline(Writer(try ExportFile(path: path), sources), sources)
        self.isCancelled = isCancelled
    }

    package static var aliases: AliasSet { Timeline<Writer>.aliases }
    package var shown: [UInt64] { timeline.counts }
    package var isOver: Bool { timeline.writer.hasFailed || isCancelled() }
    package mutating func begin() {}

    package mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        timeline.consume(batch, events, of: source)
    }

    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) { timeline.lost(loss, of: source) }
    package mutating func flush() {}
    package mutating func end() {}
    package mutating func finish(_ closings: [ExportClosing]) throws(ExportError) { try timeline.finish(closings) }
}
