internal import ArgumentParser
internal import ProbePlanning
internal import SocketEvents
internal import SocketTracing
internal import TraceFS

/// `sockftrace probes`: the probe definitions, for other tools.
struct ProbesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probes",
        abstract: "Shows the probes, installs them for trace-cmd or perf, takes them away.",
        subcommands: [Show.self, Add.self, Remove.self, Script.self])

    /// The plan for the aliases named, or for all of them, as for `record`.
    private static func plan(
        _ arguments: ProbeArguments, _ signals: SignalWatch
    ) throws -> (KernelKnowledge, ProbePlan) {
        let result = try signals.interruptible { try plan(arguments, signals.cancellation) }
        try signals.check()
        return result
    }

    private static func plan(
        _ arguments: ProbeArguments, _ cancellation: SetupCancellation
    ) throws -> (KernelKnowledge, ProbePlan) {
        let kernel = try KernelKnowledge.current(cancellation: cancellation)
        // Functions that exist and are never called are not relied upon; without root that cannot be tried.
        let silent = kernel.survey.facts.isRoot ? Set(try kernel.selfTest().verdict.silent) : []
        let plan = try kernel.plan(for: try arguments.aliases() ?? .all, silent: silent)
        guard !plan.probes.isEmpty else { throw TracingError.noKernelProbes(release: kernel.survey.facts.release) }
        return (kernel, plan)
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Prints the probe definitions for this kernel.",
            discussion: """
                One a line, as tracefs takes them in dynamic_events or kprobe_events. Nothing stays installed.

                Examples, as root:
                  sockftrace probes show
                  sockftrace probes show --probe socket.send
                """)

        @OptionGroup var probes: ProbeArguments

        mutating func run() throws {
            let (_, plan) = try ProbesCommand.plan(probes, try SignalWatch())
            try StandardOutput.print(plan.probes.map { $0.text(group: StandingProbes.group) }.joined(separator: "\n"))
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Installs the probes and leaves them installed.",
            discussion: """
                They stay, switched off, in the event group sockftrace until `sockftrace probes remove`, or until the \
                machine is switched off. `sockftrace report` reads what others record of them.

                Examples, as root:
                  sockftrace probes add
                  trace-cmd record -C mono -e sockftrace -e task sleep 10
                  sockftrace probes remove
                  sockftrace report trace.dat
                """)

        @OptionGroup var probes: ProbeArguments

        mutating func run() throws {
            let signals = try SignalWatch()
            let (kernel, plan) = try ProbesCommand.plan(probes, signals)
            try signals.interruptible {
                try StandingProbes(in: kernel.survey.directory).add(plan, cancellation: signals.cancellation)
            }
            let group = StandingProbes.group
            try StandardOutput.print(
                """
                installed \(plan.probes.count) probes in the group \(group)
                to record them:    trace-cmd record -C mono -e \(group) -e task sleep 10
                then to see them:  sockftrace report trace.dat
                to take them away: sockftrace probes remove
                """)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove",
            abstract: "Takes away what `probes add` installed.",
            discussion: """
                Exactly the probes of the group sockftrace go. One that somebody has switched on, as a trace-cmd that \
                is recording, cannot be taken away and stays.

                Exit status: 0 none is left; 1 some could not be taken away.
                """)

        mutating func run() throws {
            let (removed, failures) = try StandingProbes(in: try TracingDirectory.find()).remove()
            let group = StandingProbes.group
            if removed.isEmpty, failures.isEmpty {
                try StandardOutput.print("there are no probes in the group \(group)")
            } else {
                try StandardOutput.print("removed \(removed.count) probes of the group \(group)")
            }
            for failure in failures { Messages.say(failure.description) }
            if !failures.isEmpty { throw ExitCode(ExitStatus.failed.rawValue) }
        }
    }
}
