internal import BasicContainers
internal import RingBuffer

/// A task as it was when the trace began.
package struct KnownTask: Sendable, Equatable {
    /// The thread.
    package var tid: Int32
    /// The process (thread group); 0 where unknown.
    package var tgid: Int32
    /// The thread's name; nil where unknown.
    package var name: TaskName?

    /// A thread of a process.
    package init(tid: Int32, tgid: Int32, name: TaskName?) {
        self.tid = tid
        self.tgid = tgid
        self.name = name
    }
}

extension SocketDecoder {
    /// Tells the decoder of tasks that it cannot learn of from the trace.
    package mutating func know(_ known: some Sequence<KnownTask>) {
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
    mutating func taskIndex<Order: TraceByteOrder>(
        of payload: RecordPayload, _ table: EventPlanTable, _ index: Int, _ stream: inout Stream, _ order: Order.Type
    ) -> Int {
        // Most records of a CPU are of the same task as the one before.
        let writer = payload.load(at: 0, as: UInt64.self) & table.writerMask
        if writer == stream.writer { return Int(stream.task) }
        return otherTaskIndex(of: payload, table, index, &stream, writer, order)
    }

    @inline(never)
    private mutating func otherTaskIndex<Order: TraceByteOrder>(
        of payload: RecordPayload, _ table: EventPlanTable, _ index: Int, _ stream: inout Stream, _ writer: UInt64,
        _: Order.Type
    ) -> Int {
        let commonTask = table.plans[index].commonTask.load(from: payload, swapped: Order.isSwapped)
        let commonFlags = table.plans[index].commonFlags.load(from: payload, swapped: Order.isSwapped)
        let isBreakpoint = commonFlags & EventPlan.breakpointFlag != 0
        let context = commonFlags & (isBreakpoint ? EventPlan.softInterruptFlag : EventPlan.interruptFlags)
        let tid = Int32(truncatingIfNeeded: commonTask)
        guard context == 0, tid > 0 else {
            return tasks.index(ofKey: -1 - Int64(stream.cpu) << 8 - Int64(context), tid: 0)
        }
        let task = tasks.index(ofKey: Int64(tid), tid: tid)
        if writer != 0 {
            stream.writer = writer
            stream.task = Int32(truncatingIfNeeded: task)
        }
        return task
    }

    /// task:task_newtask, written by the parent before the child first runs.
    mutating func newTask(_ plan: EventPlan, parent: Int, in payload: RecordPayload, swapped: Bool) {
        let tid = Int32(truncatingIfNeeded: plan.subject.load(from: payload, swapped: swapped))
        guard tid > 0 else { return }
        _ = tasks[parent].isInScope(scope)
        let isThread = plan.cloneFlags.load(from: payload, swapped: swapped) & Self.cloneThread != 0
        let child = tasks.index(ofKey: Int64(tid), tid: tid)
        noteBirth(tid)
        // The id may have belonged to a task that is gone; its frames are not the new one's.
        pairing.dropAll(&tasks[child])
        tasks[child].isOrphaned = false
        tasks[child].hasEnded = false
        pairing.stackIsKnown(&tasks[child])
        tasks[child].isBornInTrace = true
        tasks[child].bornAt = pairing.losses
        tasks[child].tgid = isThread ? tasks[parent].tgid : tid
        tasks[child].name = taskName(plan, in: payload)
        tasks[child].scope = scope.verdict(
            tgid: tasks[child].tgid, parent: tasks[parent].scope, parentTgid: tasks[parent].tgid, isThread: isThread)
    }

    /// task:task_rename: exec, prctl(PR_SET_NAME), a write to /proc/PID/comm (then by another task).
    mutating func renameTask(_ plan: EventPlan, current: Int, in payload: RecordPayload, swapped: Bool) {
        let tid = Int32(truncatingIfNeeded: plan.subject.load(from: payload, swapped: swapped))
        let task = plan.subject.isPresent && tid > 0 ? tasks.index(ofKey: Int64(tid), tid: tid) : current
        tasks[task].name = taskName(plan, in: payload)
    }

    /// Forgets tasks that ended.
    mutating func forgetEnded(all: Bool) {
        Self.forgetEnded(&tasks, all: all, &pairing, &streams)
    }

    private static func forgetEnded(
        _ tasks: inout TaskTable, all: Bool, _ pairing: inout Pairing, _ streams: inout UniqueArray<Stream>
    ) {
        tasks.forgetEnded(all: all) { task, slot in
            pairing.dropAll(&task)
            for index in streams.indices where streams[index].task == slot { streams[index].writer = .max }
        }
    }

    /// Births may be missing between the one seen last and this one.
    private mutating func noteBirth(_ tid: Int32) {
        guard pairing.openLosses == 0 else { return }
        if let (last, losses) = lastBirth, losses != pairing.losses {
            tasks.doubt(bornBetween: last, and: tid, since: losses)
        }
        lastBirth = (tid, pairing.losses)
    }

    /// CLONE_THREAD (include/uapi/linux/sched.h).
    private static var cloneThread: UInt64 { 0x10000 }

    private func taskName(_ plan: EventPlan, in payload: RecordPayload) -> TaskName? {
        guard plan.name.isPresent else { return nil }
        // The name is bytes, not a number: its order in memory is the same on every machine.
        let low = payload.load(at: plan.name.offset, as: UInt64.self)
        let high = payload.load(at: plan.name.offset + 8, as: UInt64.self)
        return TaskName(low: UInt64(littleEndian: low), high: UInt64(littleEndian: high))
    }
}
