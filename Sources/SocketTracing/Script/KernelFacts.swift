package import KernelLayout
package import ProbePlanning
package import SocketEvents
package import SystemPackage
internal import SocketNames
internal import TraceDat
internal import TraceFS

/// What the shell recorder found out of a kernel, on whose machine nothing of ours runs: enough for a plan of probes.
package struct KernelFacts: Sendable {
    /// Release, build and machine, as `uname -rvm` prints them.
    package let kernel: String
    /// Where the fields of its sockets are, as its type information states, or as somebody found out; nothing where nobody
    /// knows.
    package var layout: StructLayout
    private let capabilities: Capabilities
    private let symbols: KernelSymbols
    private let convention: CallingConvention
    private let events: Set<String>

    /// Reads the archive that `sh recorder.sh facts` makes.
    package init(path: FilePath) throws(TracingError) {
        do {
            try self.init(try TarArchive(factsAt: path))
        } catch {
            throw .traceDat(error)
        }
    }

    private init(_ archive: TarArchive) throws(TraceDatError) {
        func names(_ file: String) throws(TraceDatError) -> Set<String> {
            Set(try archive.required(file).split(separator: "\n").map(String.init))
        }
        let wordSize = try archive.wordSize()
        kernel = try archive.required("kernel").split(separator: "\n").first.map(String.init) ?? ""
        // It becomes a line of the script.
        guard kernel.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) else {
            throw archive.unsupported("the name of the kernel has unprintable characters")
        }
        capabilities = Capabilities(
            readme: try archive.required("README"), files: try names("files"), options: try names("options"))
        symbols = KernelSymbols(
            kallsyms: Array(try archive.required("kallsyms").utf8), wanted: KernelFunction.candidateSymbols)
        events = Set(try names("events").map { $0.replacingFirst(":", with: "/") })
        let machine = try archive.required("machine").split(separator: "\n").first.map(String.init) ?? ""
        if capabilities.has(.entryArguments) {
            convention = CallingConvention(registers: nil, wordSize: wordSize)
        } else if let registers = CallingConvention.registers(machine: machine), registers.wordSize == wordSize {
            convention = registers
        } else {
            throw archive.unsupported(
                "it is not known how functions get their arguments on \(machine) with words of "
                    + "\(wordSize) bytes")
        }
        if let stated = try archive.bytes("btf").flatMap({ StructLayout(btf: $0, wordSize: wordSize) }) {
            layout = stated
        } else if let capture = try MemoryCapture(archive) {
            layout = RecordedSockets.layout(capture, ProcessorNumbers(machine: machine))
        } else {
            layout = StructLayout()
        }
    }

    /// What compilers inline, leaving a copy that few or no calls pass. Nobody can try there which of them is whole, so
    /// nothing may rely on one: what stands in for it is probed, too.
    private static let doubtful: Set<KernelFunction> = [.sockSendmsgInner, .sockRecvmsg, .sockReleaseInner]

    /// The plan for some aliases on that kernel.
    package func plan(for aliases: AliasSet) throws(TracingError) -> ProbePlan {
        guard capabilities.has(.kernelProbes) else { throw .noKernelProbes(release: kernel) }
        var request = PlanRequest(
            symbols: symbols, layout: layout, convention: convention, hasMaxActive: capabilities.has(.maxActive),
            aliases: aliases, silent: Set(Self.doubtful.flatMap(\.symbols)))
        request.packsFields = true
        request.tellsEndpoints = true
        var plan = ProbePlan(for: request)
        plan.tracepoints.removeAll { !events.contains($0) }
        guard !plan.probes.isEmpty else { throw .noProbes(aliases: aliases.members.map { "\($0.name)" }) }
        return plan
    }
}

extension String {
    fileprivate func replacingFirst(_ character: Character, with other: Character) -> String {
        guard let place = firstIndex(of: character) else { return self }
        return String(self[..<place]) + String(other) + self[index(after: place)...]
    }
}
