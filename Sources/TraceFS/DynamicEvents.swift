internal import LinuxSystem
internal import SystemPackage

/// The probes defined on this machine, by us and by everybody else: they are global, whatever instance uses them.
package struct DynamicEvents: Sendable, Equatable {
    /// The longest definition the kernel takes, in bytes (`trace_parse_run_command` reads WRITE_BUFSIZE, 4096, with
    /// line end and NUL; kernel/trace/trace.c).
    package static let maximumLength = 4094

    let directory: TracingDirectory

    /// The file definitions go to: `dynamic_events`, on kernels before 4.20 `kprobe_events`.
    package var path: String {
        let dynamic = directory.path + "/dynamic_events"
        return Files.exists(dynamic) ? dynamic : directory.path + "/kprobe_events"
    }

    /// Defines one probe, as in `p:group/event sock_sendmsg size=$arg2`.
    ///
    /// The group and the event must be named. One that is there already is an error: the kernel itself would refuse it
    /// or, if the arguments agree, hang the new probe onto the old event (`append_trace_kprobe`).
    @discardableResult
    package func add(_ definition: String) throws(TraceFSError) -> EventDefinition {
        let action = "define a probe"
        guard let parsed = EventDefinition(definition), !definition.contains("\n"), !definition.contains("#") else {
            throw TraceFSError(
                .rejected, action, path: path, written: definition,
                remedy: "write it on one line as KIND:GROUP/EVENT PLACE [ARGUMENTS]")
        }
        guard definition.utf8.count <= Self.maximumLength else {
            throw TraceFSError(
                .rejected, action, path: path, written: definition,
                kernelMessage: "a definition may have \(Self.maximumLength) bytes; this has \(definition.utf8.count)",
                remedy: "use fewer arguments, or two probes")
        }
        guard !Files.exists(directory.path + "/events/\(parsed.name)") else {
            throw TraceFSError(
                .alreadyExists, action, path: directory.path + "/events/\(parsed.name)",
                remedy: "take it away first, or choose another group")
        }
        try write(definition, action)
        return parsed
    }

    /// Takes one probe away; the event must be disabled in every instance, or the kernel answers EBUSY.
    ///
    /// Taking away any probe also empties the buffer of every instance that had a dynamic event enabled since its
    /// last reset (`dyn_event_release`, kernel/trace/trace_dynevent.c): read all that is wanted before.
    package func remove(_ name: EventName) throws(TraceFSError) {
        try write("-:\(name)", "remove a probe")
    }

    /// Takes every probe of a group away.
    ///
    /// Kernels since 5.17 do it in one go; the others one after another, each with a few grace periods of its own,
    /// which on an idle machine last a tenth of a second.
    package func removeAll(in group: String) throws(TraceFSError) {
        do {
            try write("-:\(group)/", "remove the probes of \(group)")
            return
        } catch {
            // Refused, or nothing of it is there.
        }
        var failure: TraceFSError?
        var seen: Set<EventName> = []
        for probe in try all(in: group) where seen.insert(probe.name).inserted {
            do {
                try remove(probe.name)
            } catch {
                // Whoever was quicker did what was to be done.
                if error.kind != .notFound { failure = failure ?? error }
            }
        }
        if let failure { throw failure }
    }

    /// Every definition that names its group and event, in the kernel's order. Empty where the kernel has no such file.
    package func all() throws(TraceFSError) -> [EventDefinition] {
        guard Files.exists(path) else { return [] }
        let text = try ControlFile.text(of: path, "list the probes")
        return text.split(separator: "\n").compactMap { EventDefinition($0) }
    }

    /// The definitions of one group.
    package func all(in group: String) throws(TraceFSError) -> [EventDefinition] {
        try all().filter { $0.name.group == group }
    }

    /// Who has the event enabled of a line `-:GROUP/EVENT` or `-:GROUP/`, where an instance tells.
    private func remedyForUse(of line: String) -> String {
        let event = line.drop { $0 != ":" }.dropFirst()
        let users = ((try? directory.instanceNames()) ?? []).map { "instances/\($0)" } + ["."]
        let enabling = users.map {
            "\(directory.path)/\($0)/events/\(event)".split(separator: "/").joined(separator: "/")
        }
        .map { "/\($0)/enable" }
        .filter { ControlFile.optionalText(of: $0).map { !$0.hasPrefix("0") } ?? false }
        guard let first = enabling.first else {
            return "somebody has the event enabled, with perf perhaps: end that, then try again"
        }
        return "somebody has the event enabled: echo 0 > \(first), then try again"
    }

    private func write(_ line: String, _ action: String) throws(TraceFSError) {
        let path = self.path
        do {
            try ControlFile.write(line, to: path, .append, action)
        } catch {
            throw explain(error, line)
        }
    }

    /// Adds what error_log says, and what to do.
    private func explain(_ error: TraceFSError, _ line: String) -> TraceFSError {
        var error = error
        guard error.written != nil else {
            if error.errno == .noSuchFileOrDirectory {
                error.kind = .unsupported
                error.remedy = "boot a kernel built with CONFIG_KPROBE_EVENTS"
            }
            return error
        }
        if let log = ControlFile.optionalText(of: directory.path + "/error_log") {
            error.kernelMessage = ErrorLog(log).entry(for: line)?.text
        }
        switch error.errno {
        case .fileExists: error.remedy = "take the other one away first, or choose another group"
        case .resourceBusy: error.remedy = remedyForUse(of: line)
        case .noSuchFileOrDirectory where line.hasPrefix("-"): error.kind = .notFound
        default: break
        }
        return error
    }
}
