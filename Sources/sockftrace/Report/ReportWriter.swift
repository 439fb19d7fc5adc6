internal import EventOutput
internal import SocketEvents

/// Renders the events of one or several files, and writes them out.
struct ReportWriter: ~Copyable {
    /// How the events of one file are written.
    struct Style {
        var renderer: EventRenderer
        /// Nil where there is only one file.
        var label: LineLabel?
    }

    private let styles: [Style]
    private var sink: EventSink
    private var buffer = OutputBuffer()
    private var line = OutputBuffer(capacity: 1024)
    /// Events written, of each file.
    private(set) var shown: [UInt64]

    /// Bytes that are worth a system call.
    private static let enough = 32 << 10

    /// - Parameter title: what stands above the labels.
    init(_ sink: consuming EventSink, _ styles: [Style], title: String) {
        self.sink = sink
        self.styles = styles
        shown = styles.map { _ in 0 }
        guard let renderer = styles.first?.renderer else { return }
        for byte in title.utf8 { buffer.append(byte) }
        renderer.header(into: &buffer)
    }

    var sinkEnd: EventSink.End? { sink.end }
    var sinkName: String { sink.name }
    var descriptor: Int32 { sink.descriptor }

    /// Writes items of one file.
    mutating func write(_ items: ContiguousArray<TraceItem>, of file: Int) {
        let style = styles[file]
        for item in items {
            if case .event = item { shown[file] += 1 }
            if let label = style.label {
                line.clear()
                style.renderer.render(item, into: &line)
                Self.append(line, label, to: &buffer)
            } else {
                style.renderer.render(item, into: &buffer)
            }
        }
        if buffer.count >= Self.enough { flush() }
    }

    /// How the events of the only file are filtered and rendered.
    func rendering(_ filter: EventFilter) -> EventRendering? {
        styles.first.map { EventRendering($0.renderer, filter) }
    }

    /// Writes a batch of the only file.
    mutating func write(_ batch: borrowing TraceBatch, as rendering: EventRendering) {
        shown[0] += rendering.render(batch, into: &buffer)
        if buffer.count >= Self.enough { flush() }
    }

    /// Writes what another thread made of a batch of the only file.
    mutating func write(_ job: borrowing BatchJob) {
        if buffer.count > 0 { flush() }
        shown[0] += job.shown
        if sink.end == nil { Self.write(job.output, to: &sink) }
    }

    /// Writes what is still held.
    mutating func flush() {
        if sink.end == nil { Self.write(buffer, to: &sink) }
        buffer.clear()
    }

    // The buffers are lent to one another, so they are at hand as parameters.

    private static func append(_ line: borrowing OutputBuffer, _ label: LineLabel, to out: inout OutputBuffer) {
        label.append(line, to: &out)
    }

    private static func write(_ buffer: borrowing OutputBuffer, to sink: inout EventSink) {
        buffer.withUnsafeBytes { sink.write($0, nil) }
    }
}
