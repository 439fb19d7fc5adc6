internal import EventFormats
internal import ProbeContract
internal import ProbePlanning
internal import TraceFS

/// Puts the probes of a plan into an instance, with their switches off.
struct ProbeInstaller {
    let overrides: KernelOverrides

    /// A filter that no record passes: unlike the switch of an event, that of its group leaves it as it is.
    private static let nothing = "common_pid < 0"

    /// Installs all probes of a plan.
    func install(_ plan: ProbePlan, on instance: inout TracerInstance) throws(TracingError) -> InstalledProbes {
        var installed = InstalledProbes(plan: plan, tracepoints: plan.tracepoints.compactMap { EventName($0) })
        for probe in plan.probes + plan.snapshot { try add(probe, to: &installed, on: &instance) }
        for event in installed.tracepoints + instance.taskEvents {
            installed.events.append(try Self.describe(event, in: instance.buffer))
        }
        return installed
    }

    /// Installs the probes of a plan that are not in place yet. One that the plan does not have any longer records nothing
    /// from now on, and is taken away at the end with the others.
    func extend(
        _ installed: InstalledProbes, to plan: ProbePlan, on instance: inout TracerInstance
    ) throws(TracingError) -> InstalledProbes {
        let kept = Set((plan.probes + plan.snapshot).map { instance.name(of: $0.event.text) })
        var extended = installed
        extended.plan = plan
        extended.events.removeAll { $0.name.group == instance.group && !kept.contains($0.name) }
        do {
            for event in installed.events where event.name.group == instance.group && !kept.contains(event.name) {
                try instance.buffer.setFilter(Self.nothing, on: event.name)
            }
        } catch {
            throw .traceFS(error)
        }
        for probe in plan.probes where !installed.plan.probes.contains(where: { $0.event == probe.event }) {
            try add(probe, to: &extended, on: &instance)
        }
        return extended
    }

    /// Installs one probe of a plan.
    ///
    /// Where the kernel does not take it, a trace without it would not show what it has to, unless it can be done without.
    private func add(
        _ probe: ProbeDefinition, to installed: inout InstalledProbes, on instance: inout TracerInstance
    ) throws(TracingError) {
        guard (installed.plan.probes + installed.plan.snapshot).contains(probe) else { return }
        let description: EventDescription
        do {
            description = try instance.add(probe.text(group: instance.group))
            if overrides.silent.contains(probe.symbol) {
                try instance.buffer.setFilter(Self.nothing, on: description.name)
                installed.silenced.insert(description.name)
            }
        } catch {
            guard probe.isDispensable, error.written != nil else {
                throw .traceFS(error)
            }
            installed.plan.remove(probe)
            installed.tracepoints = installed.plan.tracepoints.compactMap { EventName($0) }
            return
        }
        installed.events.append(try Self.event(description))
    }

    private static func describe(
        _ event: EventName, in buffer: BufferDirectory
    ) throws(TracingError) -> InstalledEvent {
        let description: EventDescription
        do { description = try buffer.describe(event) } catch { throw .traceFS(error) }
        return try Self.event(description)
    }

    private static func event(_ description: EventDescription) throws(TracingError) -> InstalledEvent {
        do {
            let format = try TracerInstance.formatParser.parseFormat(
                Array(description.format.utf8), system: description.name.group)
            return InstalledEvent(description: description, format: format)
        } catch {
            throw .format(event: "\(description.name)", error)
        }
    }
}

/// An event that a trace may record.
struct InstalledEvent: Sendable {
    /// As the kernel describes it; a trace.dat repeats the text.
    var description: EventDescription
    /// As the decoder needs it.
    var format: EventFormat

    var name: EventName { description.name }
}

/// What a ``ProbeInstaller`` put in place.
struct InstalledProbes: Sendable {
    /// As it was carried out: without what the kernel does not take.
    var plan: ProbePlan
    /// Enabled in place of probes where the kernel takes none.
    var tracepoints: [EventName]
    /// The probes, the tracepoints, and what tells of tasks.
    var events: [InstalledEvent] = []
    /// Those that are to seem silent, for tests.
    var silenced: Set<EventName> = []
}
