internal import ProbePlanning
internal import KernelLayout

/// Reads the kernel's memory at any address: a probe can fetch from there whatever function it is on.
struct MemoryReader {
    /// One that our call passes.
    let function: String
    let convention: CallingConvention
    /// Of the next probe; no two have one name.
    private var number = 0

    init(function: String, convention: CallingConvention) {
        self.function = function
        self.convention = convention
    }

    /// What lies in the windows; nil for what could not be read.
    /// - Parameter call: makes the function be called.
    mutating func read(
        _ windows: [ProtoOpsScan.Window], in session: inout MemorySession, _ call: () -> Void
    ) -> [MemoryDump?] {
        let arguments = windows.indices.map { argument(windows[$0], number: $0) }
        let probes = probes(zip(arguments, windows).map { ($0, bytes: $1.words * convention.wordSize) })
        // One that is refused leaves what it would have read unknown.
        for probe in probes { try? session.add([probe]) }
        let made = session.watch(call)
        let fields = session.look()[made].reduce(into: [String: MemoryDump]()) { fields, record in
            fields.merge(record.fields) { first, _ in first }
        }
        session.disable(probes)
        return arguments.map { fields[$0.name] }
    }

    private func argument(_ window: ProtoOpsScan.Window, number: Int) -> FetchArgument {
        FetchArgument(
            "at\(number)", "@0x" + String(window.address, radix: 16),
            convention.word + (window.words > 1 ? "[\(window.words)]" : ""))
    }

    /// Bytes of arguments in one definition: the kernel takes 4094 in all (``DynamicEvents/maximumLength``).
    private static let definitionRoom = 3900
    /// MAX_TRACE_ARGS in kernel/trace/trace_probe.h.
    private static let mostArguments = 128

    /// Packs arguments into as few probes as their size allows.
    private mutating func probes(_ arguments: [(argument: FetchArgument, bytes: Int)]) -> [MemoryProbe] {
        var probes: [MemoryProbe] = []
        var room = (bytes: 0, text: 0, arguments: 0)
        for (argument, bytes) in arguments {
            let length = argument.text.utf8.count + 1
            if bytes > room.bytes || length > room.text || room.arguments == 0 {
                room = (MemoryProbe.recordRoom, Self.definitionRoom, Self.mostArguments)
                probes.append(MemoryProbe(symbol: function, event: "memory_\(number)", arguments: []))
                number += 1
            }
            probes[probes.count - 1].arguments.append(argument)
            room = (room.bytes - bytes, room.text - length, room.arguments - 1)
        }
        return probes
    }
}
