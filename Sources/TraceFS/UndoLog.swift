/// One step back that did not work.
package struct UndoFailure: Sendable, Equatable, CustomStringConvertible {
    /// What was to be undone, as in "the probe sockftrace_12/close_entry".
    package let what: String
    /// Why it was not.
    package let error: TraceFSError

    /// Both, for people.
    package var description: String { "left behind: \(what): \(error)" }
}

/// A record of every change made to the kernel, and of how to take each back.
///
/// Write down the way back at once after a change has worked. Steps are taken back in strict reverse order; one that
/// fails does not keep the others from being taken. What is still recorded when the log is destroyed is taken back
/// then, unreported: a net for the case of a crash in the program's logic, not a way to tidy up.
///
/// The usual order, which leaves the tracer's sign of life there as long as any probe of it: create the instance, add
/// probes, take a ``mark``, set up and enable events. At the end ``undo(downTo:)`` the mark, read the buffers out, close
/// the readers, ``undoAll()``, remove the instance. Probes go after the last read, as taking one away empties buffers.
package struct UndoLog: ~Copyable, Sendable {
    /// A place in the log.
    package struct Mark: Sendable, Equatable {
        let depth: Int
    }

    private struct Step: Sendable {
        let what: String
        let undo: @Sendable () throws(TraceFSError) -> Void
    }

    private var steps: [Step] = []

    /// An empty log.
    package init() {}

    /// Whether nothing is left to take back.
    package var isEmpty: Bool { steps.isEmpty }

    /// The place after the last step recorded so far.
    package var mark: Mark { Mark(depth: steps.count) }

    /// What would be taken back, last first.
    package var pending: [String] { steps.reversed().map(\.what) }

    /// Records how a change that was made is taken back.
    package mutating func record(_ what: String, undo: @escaping @Sendable () throws(TraceFSError) -> Void) {
        steps.append(Step(what: what, undo: undo))
    }

    /// Takes back every step recorded after the mark and returns those that failed; they are not tried again.
    package mutating func undo(downTo mark: Mark) -> [UndoFailure] {
        var failures: [UndoFailure] = []
        while steps.count > mark.depth, let step = steps.popLast() {
            do {
                try step.undo()
            } catch {
                failures.append(UndoFailure(what: step.what, error: error))
            }
        }
        return failures
    }

    /// Takes back everything and returns what failed.
    package mutating func undoAll() -> [UndoFailure] {
        undo(downTo: Mark(depth: 0))
    }

    /// Forgets every step: what was changed stays as it is.
    package mutating func abandon() { steps.removeAll() }

    deinit {
        for step in steps.reversed() {
            try? step.undo()
        }
    }
}

extension DynamicEvents {
    /// Defines a probe and records its removal.
    @discardableResult
    package func add(_ definition: String, undo: inout UndoLog) throws(TraceFSError) -> EventDefinition {
        let added = try add(definition)
        undo.record("the probe \(added.name)") { () throws(TraceFSError) in try self.remove(added.name) }
        return added
    }

    /// Defines a probe in a group that is this log's alone, and records with its first one the removal of all.
    @discardableResult
    package func add(_ definition: String, inGroupOf undo: inout UndoLog) throws(TraceFSError) -> EventDefinition {
        let added = try add(definition)
        let group = added.name.group
        let what = "the probes of \(group)"
        if !undo.pending.contains(what) {
            undo.record(what) { () throws(TraceFSError) in try self.removeAll(in: group) }
        }
        return added
    }
}
