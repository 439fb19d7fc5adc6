/// The functions that /proc/kallsyms names.
public struct KernelSymbols: Sendable, Equatable {
    /// How many text symbols bear a name; a name that is not unique cannot be probed.
    private var counts: [String: Int]

    /// - Parameter names: the names of text symbols, once for each symbol.
    public init(names: some Sequence<String>) {
        counts = [:]
        for name in names { counts[name, default: 0] += 1 }
    }

    /// Reads the lines of /proc/kallsyms (`address type name [module]`), keeping only names that are asked for.
    /// - Parameter wanted: kallsyms has 200,000 lines; nearly all are of no interest.
    public init(kallsyms: [UInt8], wanted: Set<String>) {
        counts = [:]
        let longest = wanted.reduce(0) { max($0, $1.utf8.count) }
        for line in kallsyms.split(separator: UInt8(ascii: "\n")) {
            guard let nameStart = Self.nameStart(in: line) else { continue }
            let type = line[nameStart - 2]
            guard type == UInt8(ascii: "t") || type == UInt8(ascii: "T") else { continue }
            let name = line[nameStart...].prefix { $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: " ") }
            guard name.count <= longest else { continue }
            let text = String(decoding: name, as: UTF8.self)
            if wanted.contains(text) { counts[text, default: 0] += 1 }
        }
    }

    /// The index after `address type `.
    private static func nameStart(in line: ArraySlice<UInt8>) -> Int? {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")), space + 3 < line.endIndex,
            line[space + 2] == UInt8(ascii: " ")
        else { return nil }
        return space + 3
    }

    /// The kernel has exactly one function of that name.
    public func canProbe(_ name: String) -> Bool {
        counts[name] == 1
    }
}

extension ProbePlan {
    /// Every function that a plan may ask for.
    public static let candidateSymbols: Set<String> = Set(
        [
            ProbedFunction.sockSendmsgInner, .sockSendmsg, .sysSendmsg, .sysSendto, .writeIter, .sendpage, .doWritev,
            .spliceToSocket, .securitySendmsg, .sockRecvmsg, .sysRecvmsg, .sysRecvfrom, .readIter, .spliceRead,
            .doReadv, .securityRecvmsg, .create, .releaseInner, .release, .sockClose,
        ].map(\.symbol) + ProtocolFunctions.sending + ProtocolFunctions.receiving)
}
