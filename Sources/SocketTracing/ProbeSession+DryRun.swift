internal import LinuxSystem
internal import RingBuffer
internal import SocketEvents
internal import TraceFS

extension ProbeSession {
    /// Records what this process does during a call, before the trace begins, and leaves no record of it.
    ///
    /// The probes stay on, for the trace that is to follow: with many of them, switching takes half a second.
    mutating func recordDryRun(_ calls: () -> Void) throws(TracingError) -> ContiguousArray<TraceItem> {
        do {
            try enableEvents()
            try buffer.setTracing(true)
            calls()
            try buffer.setTracing(false)
        } catch {
            throw .traceFS(error)
        }
        var decoder = SocketDecoder(
            plans: EventPlanTable(formats: formats), cpus: cpus, byteOrder: .host, aliases: .all,
            scope: TaskScope(processes: [numbers.process]))
        decoder.know([KnownTask(tid: numbers.thread, tgid: numbers.process, name: nil)])
        var pipeline = DecodePipeline(layouts: Array(repeating: layout, count: streamCount), decoder: decoder)
        var items: ContiguousArray<TraceItem> = []
        try pipeline.run(&self) { items += $0.items }
        return items
    }
}
