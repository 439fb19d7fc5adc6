internal import ArgumentParser
internal import EventOutput
internal import KernelLayout
internal import LinuxSystem
internal import ProbePlanning
internal import SocketEvents
internal import SocketTracing
internal import SystemPackage

extension ProbesCommand {
    /// `sockftrace probes script`: a recorder for machines that this executable does not run on.
    struct Script: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "script",
            abstract: "Prints a recorder in POSIX sh, for machines that this program does not run on.",
            discussion: """
                It needs root there, kprobe events, and BusyBox or the like. What it records is a tar archive that report, \
                connections, summary and export read as they read a trace.dat.

                Example; the first and the third line are for the machine to be traced:
                  sockftrace probes script >recorder.sh
                  sh recorder.sh facts >facts.tar
                  sockftrace probes script --for facts.tar >recorder.sh
                  sh recorder.sh -o capture.tar -- COMMAND
                  sockftrace report capture.tar
                """)

        @Option(
            name: .customLong("for"),
            help: ArgumentHelp(
                "The kernel to record on, as `sh recorder.sh facts` describes it; else the script can only do that.",
                valueName: "facts.tar"),
            completion: .file())
        var facts: String?

        @Option(
            help: ArgumentHelp(
                "Where fields lie in that kernel's structs, if it has no type information: a line STRUCT.MEMBER OFFSET "
                    + "WIDTH each, as in `sock.sk_protocol 516 2`. What is not there is unknown.",
                valueName: "file"),
            completion: .file())
        var layout: String?

        @OptionGroup var probes: ProbeArguments

        mutating func validate() throws {
            guard facts == nil else { return }
            if !probes.names.isEmpty { throw ValidationError("--probe needs --for") }
            if layout != nil { throw ValidationError("--layout needs --for") }
        }

        /// The layout that the user gave.
        private func givenLayout(_ path: String) throws -> StructLayout {
            let text: String
            do {
                text = try Files.text(of: path)
            } catch {
                throw CommandFailure("cannot read \(path): \(error)")
            }
            switch StructLayout.reading(text) {
            case .success(let layout): return layout
            case .failure(let line):
                throw CommandFailure(
                    "\(path): the line \(PrintableText.line(line.text)) does not say where a member lies\n"
                        + "Fix: STRUCT.MEMBER OFFSET WIDTH, as in: sock.sk_protocol 516 2")
            }
        }

        mutating func run() throws {
            let aliases = try probes.aliases() ?? .all
            guard let facts else {
                try StandardOutput.write(RecorderScript.text())
                return
            }
            var kernel = try KernelFacts(path: FilePath(facts))
            if let layout { kernel.layout = try givenLayout(layout) }
            let plan = try kernel.plan(for: aliases)
            try StandardOutput.write(RecorderScript.text(for: (kernel.kernel, plan)))
            if kernel.layout.places.isEmpty {
                Messages.say(
                    "the kernel \(PrintableText.line(kernel.kernel)) has no type information (BTF): of its sockets only what "
                        + "functions get and return will be known")
            } else if !kernel.layout.unknown.isEmpty {
                Messages.say("where fields lie in the kernel's structs is known \(kernel.layout.origin)")
            }
        }
    }
}
