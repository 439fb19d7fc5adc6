package import SocketEvents
package import SocketNames

/// Trace items in the format that the user chose.
package struct EventRenderer: Sendable {
    private enum Form {
        case text(TextRenderer)
        case json(JSONRenderer)
        case csv(CSVRenderer)
    }
    private let form: Form

    private let hasHeader: Bool

    /// A renderer for the trace of a kernel with these flags.
    /// - Parameters:
    ///   - layout, colour, time: of text. Colour is for the caller to decide, who knows whether there is a terminal.
    ///   - wallClock: nanoseconds from the trace clock to the time since 1970, for JSON and CSV; nil where nobody knows.
    ///   - optional: what JSON and CSV have besides.
    ///   - hasHeader: whether titles stand above the first item, in text and CSV.
    package init(
        format: OutputFormat, flagNames: SocketFlagNames = .unknown, layout: TextLayout = TextLayout(),
        colour: Bool = false, time: TimeColumn = .clock, wallClock: Int64? = nil, optional: [OptionalField] = [],
        hasHeader: Bool = true
    ) {
        self.hasHeader = hasHeader
        switch format {
        case .text: form = .text(TextRenderer(flagNames: flagNames, layout: layout, colour: colour, time: time))
        case .json: form = .json(JSONRenderer(flagNames: flagNames, wallClock: wallClock, optional: optional))
        case .csv: form = .csv(CSVRenderer(flagNames: flagNames, wallClock: wallClock, optional: optional))
        }
    }

    /// Appends what stands above the first item: column titles for text and CSV, nothing for JSON.
    package func header(into out: inout OutputBuffer) {
        guard hasHeader else { return }
        switch form {
        case .text(let renderer): renderer.header(into: &out)
        case .csv(let renderer): renderer.header(into: &out)
        case .json: break
        }
    }

    /// Appends one item as a line.
    package func render(_ item: borrowing TraceItem, into out: inout OutputBuffer) {
        switch item {
        case .event: render(TraceBatch(CollectionOfOne(copy item)), 0..<1, into: &out)
        case .lost(let cpu, let count): renderLost(cpu: cpu, count: count, into: &out)
        }
    }

    /// Appends some events of a batch, a line each.
    package func render(_ batch: borrowing TraceBatch, _ events: Range<Int>, into out: inout OutputBuffer) {
        switch form {
        case .text(let renderer): for index in events { renderer.render(batch, index, into: &out) }
        case .json(let renderer): for index in events { renderer.render(batch, index, into: &out) }
        case .csv(let renderer): for index in events { renderer.render(batch, index, into: &out) }
        }
    }

    /// Appends all of a batch.
    package func render(_ batch: borrowing TraceBatch, into out: inout OutputBuffer) {
        var next = 0
        for index in batch.whole.losses {
            let loss = batch.loss(at: index)
            render(batch, next..<loss.position, into: &out)
            renderLost(cpu: loss.cpu, count: loss.count, into: &out)
            next = loss.position
        }
        render(batch, next..<batch.eventCount, into: &out)
    }

    /// Appends a line for records that the kernel dropped.
    package func renderLost(cpu: UInt32, count: UInt64?, into out: inout OutputBuffer) {
        switch form {
        case .text(let renderer): renderer.renderLost(cpu: cpu, count: count, into: &out)
        case .json(let renderer): renderer.renderLost(cpu: cpu, count: count, into: &out)
        case .csv(let renderer): renderer.renderLost(cpu: cpu, count: count, into: &out)
        }
    }
}
