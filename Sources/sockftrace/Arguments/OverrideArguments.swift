internal import ArgumentParser
internal import ProbePlanning
internal import SocketTracing

/// What this kernel is to be taken for: hidden, for tests of what else shows a message where one function does not.
struct OverrideArguments: ParsableArguments {
    @Option(
        name: .customLong("pretend-absent"),
        help: ArgumentHelp(
            "As if the kernel had no such function, repeatable.", valueName: "function", visibility: .hidden))
    var absent: [String] = []

    @Option(
        name: .customLong("pretend-silent"),
        help: ArgumentHelp(
            "As if inlining had left the function behind, repeatable.", valueName: "function", visibility: .hidden))
    var silent: [String] = []

    @Flag(
        name: .customLong("pretend-nameless"),
        help: ArgumentHelp(
            "As if no name led to a protocol's function: they are found and probed by where they lie.",
            visibility: .hidden))
    var nameless = false

    @Flag(
        name: .customLong("pretend-without-kprobes"),
        help: ArgumentHelp("As if the kernel had been built without kprobe events.", visibility: .hidden))
    var withoutKprobes = false

    var overrides: KernelOverrides {
        KernelOverrides(
            absent: Set(absent), silent: Set(silent), hidesProtocolNames: nameless, hidesKprobes: withoutKprobes)
    }

    mutating func validate() throws {
        // A name that no plan asks for would change nothing, and a test of it would pass for nothing.
        for name in absent + silent where !KernelFunction.candidateSymbols.contains(name) {
            throw ValidationError("\(name) is no function that sockftrace would probe")
        }
    }
}
