internal import ArgumentParser
internal import ProbePlanning
internal import SocketEvents
internal import SocketTracing
internal import TraceFS

/// `sockftrace list`: the aliases, and how this kernel shows them.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists what can be traced, and how it is done on this kernel.",
        discussion: """
            For each name that --probe takes: when it fires, what its events carry beside their name, time, process \
            and thread, and the functions of the running kernel that are probed for it. Without root it tells what it \
            can.

            Examples:
              sockftrace list
              sockftrace list --probe socket.send
            """)

    @OptionGroup var probes: ProbeArguments

    mutating func run() throws {
        let signals = try SignalWatch()
        let outlook = AliasCoverage(cancellation: signals.cancellation)
        try signals.check()
        let wanted = try probes.aliases() ?? .all
        var blocks = wanted.members.map { alias in
            let lines = [
                "\(alias.summary)", "carries: \(alias.arguments.names.joined(separator: " "))",
                "here: \(outlook.realisation(of: alias))",
            ]
            return (["\(alias.name)"] + lines.flatMap(Self.wrapped)).joined(separator: "\n")
        }
        if let remark = outlook.remark { blocks.append(remark) }
        try StandardOutput.print(blocks.joined(separator: "\n"))
    }

    /// A text in as many lines as the terminal needs for it.
    private static func wrapped(_ text: String) -> [String] {
        let (indent, further) = ("    ", "        ")
        guard let width = Terminal.columns() else { return [indent + text] }
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append((lines.isEmpty ? indent : further) + word)
            }
        }
        return lines
    }
}

/// How aliases are realised on the running kernel, as far as one may know.
private struct AliasCoverage {
    private let kernel: Result<KernelKnowledge, TracingError>
    private let guess: UnprivilegedSurvey?

    init(cancellation: SetupCancellation) {
        kernel = Result { () throws(TracingError) in try .current(cancellation: cancellation) }
        if case .failure = kernel { guess = UnprivilegedSurvey() } else { guess = nil }
    }

    /// The functions probed, with what each shows; why it cannot be, or that it is not known.
    func realisation(of alias: Alias) -> String {
        let plan: ProbePlan?
        switch kernel {
        case .success(let kernel): plan = try? kernel.plan(for: AliasSet([alias]))
        case .failure: plan = guess?.plan(for: AliasSet([alias]))
        }
        guard let plan else {
            if case .failure = kernel { return "unknown" }
            return "this kernel cannot show it"
        }
        let found = plan.choices.filter { !$0.functions.isEmpty }
        guard !found.isEmpty else { return "this kernel has none of the functions that would show it" }
        return found.map { "\($0.functions.joined(separator: ", ")) (\($0.callPath))" }.joined(separator: "; ")
    }

    /// What is known where tracefs cannot be asked.
    private var known: String {
        guard let guess else { return "Nothing is known of this kernel" }
        return guess.takesProbes
            ? "Whether this kernel takes probes is unknown"
            : "This kernel has no kprobes, and whether tracepoints show some events is unknown"
    }

    /// What the reader should know of all of it.
    var remark: String? {
        switch kernel {
        case .success(let kernel):
            guard kernel.survey.capabilities.has(.kernelProbes) else {
                return "\nThis kernel (\(kernel.survey.facts.release)) takes no kprobe events: see `sockftrace doctor`."
            }
            return nil
        case .failure(let error):
            return "\n\(known), as sockftrace \(error)"
        }
    }
}
