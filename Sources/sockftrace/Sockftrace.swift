internal import ArgumentParser
internal import CStartup
internal import SocketTracing

/// The command line.
@main
struct Sockftrace: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sockftrace",
        abstract: "Shows what sockets do: who talks to whom, every message, every connection, what failed.",
        discussion: """
            It puts probes on functions of the running kernel, needs nothing but tracefs there (no BPF, no debug \
            information, no compiler), and leaves nothing behind. Tracing needs root.

            The first thing to try, as root:
              sockftrace trace -- curl -s http://example.org/ -o /dev/null

            What everything on the machine sends and receives, until Ctrl-C:
              sockftrace trace

            Capture now, look later, on another machine if need be:
              sockftrace record --duration 10 -o trace.dat
              sockftrace report trace.dat

            If it does not work:
              sockftrace doctor

            Exit status: 0 done; 1 failed; 2 bad usage; 3 done but records are missing and --strict was given; with \
            -- COMMAND the status of the command, 126 where it cannot be run, 127 where there is none.
            """,
        version: ProgramVersion.current,
        subcommands: [
            TraceCommand.self, RecordCommand.self, ReportCommand.self, ConnectionsCommand.self, SummaryCommand.self,
            TopCommand.self, ExportCommand.self, DNSCommand.self, ListCommand.self, ProbesCommand.self,
            CleanCommand.self,
            DoctorCommand.self, CalibrateCommand.self,
        ])

    static func main() {
        Terminal.secureStandardStreams()
        DescriptorLimit.raise()
        Exit.end(run(Array(arguments.dropFirst())))
    }

    /// As the kernel passed them; the standard library reads them from /proc, which need not be there.
    private static var arguments: [String] {
        startup_restore_environment()
        return (0..<Int(startup_argument_count())).map { String(cString: startup_argument(CInt($0))) }
    }

    /// Runs what the arguments ask for, and says what has to be said.
    /// - Returns: the exit status.
    private static func run(_ arguments: [String]) -> Int32 {
        do {
            if arguments.last == "--" { throw ValidationError("there is no command after --") }
            if let name = Usage.unknownHelp(arguments) { throw ValidationError(Usage.unknownCommand(name)) }
            var command = try parseAsRoot(Usage.usual(arguments))
            try command.run()
            return ExitStatus.done.rawValue
        } catch {
            return status(after: error, arguments)
        }
    }

    private static func print(_ text: String) -> Int32 {
        do {
            try StandardOutput.print(text)
            return ExitStatus.done.rawValue
        } catch {
            return status(after: error, [])
        }
    }

    private static func status(after error: any Error, _ arguments: [String]) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        if let interruption = error as? Interruption {
            Messages.say(interruption.description)
            return interruption.status
        }
        if let failure = error as? CommandFailure {
            Messages.say(failure.description)
            return failure.status.rawValue
        }
        switch exitCode(for: error) {
        case .success:
            let askedFor: Set = ["-h", "-help", "--help", "help", "--version", "version", "-V"]
            guard arguments.contains(where: { askedFor.contains($0) || $0.hasPrefix("--generate") }) else {
                // No command at all: a script whose variable was empty must not take the help for success.
                Messages.write(fullMessage(for: error) + "\n")
                return ExitStatus.badUsage.rawValue
            }
            return print(fullMessage(for: error))
        case .validationFailure:
            Messages.say(Usage.message(for: error, arguments))
            return ExitStatus.badUsage.rawValue
        case let code:
            Messages.say("\(error)")
            return code.rawValue
        }
    }
}
