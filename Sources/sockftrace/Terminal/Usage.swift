internal import ArgumentParser

/// What is said about arguments that were not understood.
enum Usage {
    /// What is wrong, and where to read how it is right: the usage itself is as long as a screen.
    static func message(for error: any Error) -> String {
        let full = Sockftrace.fullMessage(for: error).split(separator: "\n").map(String.init)
        // The parser knows which subcommand it was; its last line names the help of that one.
        let hint = full.last { $0.contains("--help") && $0.hasPrefix("  See") }
        return Sockftrace.message(for: error) + "\n"
            + (hint.map { String($0.drop { $0 == " " }) } ?? "See 'sockftrace --help'.")
    }
}
