internal import ArgumentParser
internal import Glibc

/// In how many threads to work on a recording.
struct ThreadArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Threads to use; the output is the same with any number. (default: one per processor, at most 4)",
            valueName: "count"))
    var threads: Int?

    mutating func validate() throws {
        if let threads, !(1...64).contains(threads) { throw ValidationError("--threads takes a number from 1 to 64") }
    }

    /// More than four would wait for the one that decodes.
    var count: Int { threads ?? max(1, min(4, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
