internal import LinuxSystem
internal import ProbePlanning
internal import SocketEvents
internal import TraceFS

/// What of the wanted part of a machine's doings the kernel can tell from the rest, it does. The decoder looks again:
/// the kernel lets through more than what is wanted.
extension ProbeSession {
    /// Keeps the kernel from recording what the options leave out. Should it refuse, the trace just costs more.
    /// - Parameter buffer: in which the probes record, its own or another.
    func limit(_ buffer: BufferDirectory, to options: TraceOptions) {
        limit(buffer, toThreadsNamed: options.comms)
        // TCP's states change in whatever task an interrupt came to; without functions nothing else tells of connections.
        guard plan.probesFunctions else { return }
        // The lists of those to leave out are made of what /proc tells.
        guard numbers.areProcs, let wanted = options.onlyOwnChildren ? [numbers.process] : options.processes else {
            return
        }
        // Our own thread reads what lists the sockets. The kernel's do for all what is put off in interrupts, changes of TCP's
        // states among it.
        try? buffer.recordOnly {
            wanted.contains($0.process) || $0.process == numbers.process || TaskList.isKernelThread($0.process)
        }
    }

    /// The kernel compares the name at the moment of each record, as the decoder does with the names that it followed.
    private func limit(_ buffer: BufferDirectory, toThreadsNamed names: [String]) {
        let conditions = names.compactMap { Self.condition(forThreadsNamed: $0) }
        guard !names.isEmpty, conditions.count == names.count else { return }
        let expression = conditions.joined(separator: " || ")
        for event in messageEvents { try? buffer.setFilter(expression, on: event) }
    }

    /// Nil where the kernel's filter has no words for the name.
    static func condition(forThreadsNamed name: String) -> String? {
        let isPattern = NamePattern.isPattern(name)
        // As long as the kernel keeps it.
        let kept = isPattern ? name : String(decoding: name.utf8.prefix(TaskName.capacity - 1), as: UTF8.self)
        guard
            kept.utf8.allSatisfy({ (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
        else { return nil }
        // The kernel's patterns are those of glob(7), too (glob_match in lib/glob.c).
        return "comm \(isPattern ? "~" : "==") \"\(kept)\""
    }
}
