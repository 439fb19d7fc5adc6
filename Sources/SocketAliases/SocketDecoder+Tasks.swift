internal import RingBuffer

/// A task as it was when the trace began.
public struct KnownTask: Sendable, Equatable {
    public var tid: Int32
    /// The process (thread group); 0 where unknown.
    public var tgid: Int32
    public var name: TaskName?

    public init(tid: Int32, tgid: Int32, name: TaskName?) {
        self.tid = tid
        self.tgid = tgid
        self.name = name
    }
}

extension SocketDecoder {
    /// Tells the decoder of tasks that it cannot learn of from the trace.
    public mutating func know(_ known: some Sequence<KnownTask>) {
        for task in known where task.tid > 0 {
            let index = tasks.index(ofKey: Int64(task.tid), tid: task.tid)
            if task.tgid != 0 { tasks[index].tgid = task.tgid }
            if let name = task.name { tasks[index].name = name }
        }
    }

    /// The task that wrote a record. Interrupts have a place of their own per CPU, since the task that they interrupt
    /// has no part in what they do; so has the idle task, which every CPU has under the id 0. The events of both bear
    /// that id.
    @inline(__always)
    mutating func taskIndex(_ plan: EventPlan, at payload: Int, cpu: UInt32, in bytes: RawSpan) -> Int {
        let tid = Int32(truncatingIfNeeded: plan.commonTask.load(at: payload, in: bytes, swapped: swapped))
        let flags = plan.commonFlags.load(at: payload, in: bytes, swapped: swapped)
        let context = flags & (flags & Self.breakpointFlag == 0 ? Self.interruptFlags : Self.softInterruptFlag)
        if context == 0, tid > 0 { return tasks.index(ofKey: Int64(tid), tid: tid) }
        return tasks.index(ofKey: -1 - Int64(cpu) << 8 - Int64(context), tid: 0)
    }

    /// TRACE_FLAG_HARDIRQ and TRACE_FLAG_SOFTIRQ (include/linux/trace_events.h).
    private static var interruptFlags: UInt64 { 0x08 | softInterruptFlag }
    private static var softInterruptFlag: UInt64 { 0x10 }

    /// TRACE_FLAG_NMI. No function that reaches a socket runs in one; but a probe that is a breakpoint, as all are where
    /// the kernel has no function tracer and for a moment where it optimises them, is handled like one since 5.8, and then
    /// bears the flag of hard interrupts, too (irqentry_nmi_enter).
    private static var breakpointFlag: UInt64 { 0x40 }

    @inline(__always)
    mutating func isOfInterest(_ task: Int) -> Bool {
        if tasks[task].scope == .undecided { tasks[task].scope = scope.verdict(tgid: tasks[task].tgid) }
        return tasks[task].scope == .included
    }

    /// task:task_newtask, written by the parent before the child first runs.
    mutating func newTask(_ plan: EventPlan, parent: Int, at payload: Int, in bytes: RawSpan) {
        let tid = Int32(truncatingIfNeeded: plan.subject.load(at: payload, in: bytes, swapped: swapped))
        guard tid > 0 else { return }
        _ = isOfInterest(parent)
        let isThread = plan.cloneFlags.load(at: payload, in: bytes, swapped: swapped) & Self.cloneThread != 0
        let child = tasks.index(ofKey: Int64(tid), tid: tid)
        // The id may have belonged to a task that is gone; its frames are not the new one's.
        dropAll(task: child)
        tasks[child].isOrphaned = false
        stackIsKnown(child)
        tasks[child].isBornInTrace = true
        tasks[child].tgid = isThread ? tasks[parent].tgid : tid
        tasks[child].name = taskName(plan, at: payload, in: bytes)
        tasks[child].scope = scope.verdict(
            tgid: tasks[child].tgid, parent: tasks[parent].scope, parentTgid: tasks[parent].tgid, isThread: isThread)
    }

    /// task:task_rename: exec, prctl(PR_SET_NAME), a write to /proc/PID/comm (then by another task).
    mutating func renameTask(_ plan: EventPlan, current: Int, at payload: Int, in bytes: RawSpan) {
        let tid = Int32(truncatingIfNeeded: plan.subject.load(at: payload, in: bytes, swapped: swapped))
        let task = plan.subject.isPresent && tid > 0 ? tasks.index(ofKey: Int64(tid), tid: tid) : current
        tasks[task].name = taskName(plan, at: payload, in: bytes)
    }

    /// CLONE_THREAD (include/uapi/linux/sched.h).
    private static var cloneThread: UInt64 { 0x10000 }

    private func taskName(_ plan: EventPlan, at payload: Int, in bytes: RawSpan) -> TaskName? {
        guard plan.name.isPresent else { return nil }
        // The name is bytes, not a number: its order in memory is the same on every machine.
        let place = payload + Int(plan.name.offset)
        let low = bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
        let high = bytes.unsafeLoadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
        return TaskName(low: UInt64(littleEndian: low), high: UInt64(littleEndian: high))
    }
}
