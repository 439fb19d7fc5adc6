internal import LinuxSystem
internal import ProbePlanning
internal import SocketEvents
internal import TraceFS

extension RecordingMetadata {
    /// Notes what is known when a recording begins.
    mutating func note(
        _ session: borrowing ProbeSession, _ options: TraceOptions, _ plan: ProbePlan, _ verdict: SelfTestVerdict?
    ) {
        tasks = session.tasks
        begin = session.begin
        recorder = "sockftrace " + ProgramVersion.current
        wallClock = ClockOffset.wallClock()
        bootID = ClockOffset.bootID()
        waiting = session.waiting
        tracer = session.numbers.process
        filters = options.notedFilters
        processes = session.processes
        followsChildren = options.followsChildren
        followsTracersChildren = options.onlyOwnChildren
        othersAreLeftOut = session.othersAreLeftOut
        choices = plan.choices
        selfTest = verdict
        origin = plan.origin
        probes = plan.probes.map { $0.text(group: session.group) } + plan.tracepoints
    }
}

extension ProbeSession {
    /// The tasks that live, by the kernel's numbers; none in a container with numbers of its own.
    func livingTasks() -> [KnownTask] {
        let living = numbers.areProcs ? (try? TaskList.current().tasks) ?? [] : []
        return living.map { KnownTask(tid: $0.thread, tgid: $0.process, name: TaskName($0.name)) }
    }
}
