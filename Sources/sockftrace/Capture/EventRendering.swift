internal import EventOutput
internal import SocketEvents

/// Filters the events of batches and renders them.
struct EventRendering: BatchWorker {
    let renderer: EventRenderer
    let filter: EventFilter
    private let passesAll: Bool

    init(_ renderer: EventRenderer, _ filter: EventFilter) {
        self.renderer = renderer
        self.filter = filter
        passesAll = filter.isEmpty
    }

    mutating func work(on job: inout BatchJob) {
        job.output.clear()
        job.shown = render(job.batch, into: &job.output)
    }

    /// Appends what passes the filter; returns how many events that are.
    func render(_ batch: borrowing TraceBatch, into output: inout OutputBuffer) -> UInt64 {
        var shown: UInt64 = 0
        batch.visit { event in
            if !passesAll { guard filter.accepts(event) else { return } }
            shown += 1
            renderer.render(event, into: &output)
        } lost: { loss in
            renderer.renderLost(cpu: loss.cpu, count: loss.count, into: &output)
        }
        return shown
    }
}
