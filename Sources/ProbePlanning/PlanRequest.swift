package import KernelLayout
package import SocketEvents
internal import ProbeContract

/// What a plan is made for.
package struct PlanRequest: Sendable {
    /// The kernel's text symbols, from /proc/kallsyms.
    package var symbols: KernelSymbols
    /// Where the fields of sockets are, as far as that is known.
    package var layout: StructLayout
    /// How arguments are fetched.
    package var convention: CallingConvention
    /// The kernel's `maxactive` can be chosen (since 4.12).
    package var hasMaxActive: Bool
    /// The aliases that are wanted; they decide whether a return probe is needed.
    package var aliases: AliasSet
    /// Functions that exist and were proven not to fire where they should: dead copies that inlining left behind.
    package var silent: Set<String>
    /// Call paths whose known calls were missed though all their functions seemed to fire: one of them may fire for other
    /// callers, and not for these.
    package var unseen: Set<CallPath> = []
    /// The protocols' own functions.
    package var protocols = ProtocolFunctions.known
    /// Whether neighbouring members are fetched at once (``FieldPack``): it costs the traced call less, and other
    /// readers of the records see them less well.
    package var packsFields = false
    /// Whether events say between whom they were: what that takes is fetched and probed.
    package var tellsEndpoints = false
    /// What of a socket is fetched besides.
    package var details: Set<OptionalField> = []

    /// A request for all aliases, of a kernel of which nothing is known to be silent, unless told otherwise.
    package init(
        symbols: KernelSymbols, layout: StructLayout, convention: CallingConvention = .byNumber,
        hasMaxActive: Bool = true, aliases: AliasSet = .all, silent: Set<String> = []
    ) {
        self.symbols = symbols
        self.layout = layout
        self.convention = convention
        self.hasMaxActive = hasMaxActive
        self.aliases = aliases
        self.silent = silent
    }
}

extension PlanRequest {
    /// How messages are handed on in this kernel.
    private var interface: MessageInterface {
        let (before, since) = (KernelFunction.writeIter.probed(.kiocbs), KernelFunction.writeIter.probed(.iterators))
        return isPresent(before) && !isPresent(since) ? .kiocbs : .iterators
    }

    private func isPresent(_ function: ProbedFunction?) -> Bool {
        function.map { symbols.canProbe($0.symbol) } ?? false
    }

    /// What a function is on this kernel, present or not.
    func functions(of function: KernelFunction) -> [ProbedFunction] {
        switch function {
        case .protocolSendmsg: return protocols.sending.map { protocolFunction($0, .protoSendmsg) }
        case .protocolRecvmsg: return protocols.receiving.map { protocolFunction($0, .protoRecvmsg) }
        default:
            if let probed = function.probed(interface) { return [probed] }
            return function.protocolNames.compactMap { function.probed(protocol: $0) }
        }
    }

    private func protocolFunction(_ function: ProtocolFunctions.Function, _ role: FrameRole) -> ProbedFunction {
        let before = interface == .kiocbs ? 1 : 0
        var probed = ProbedFunction(
            function.symbol, role, socket: .argument(1 + before), size: .argument(3 + before), result: .int)
        probed.place = function.place
        return probed
    }

    /// The kernel has the function, whether it fires or not.
    func isPresent(_ function: KernelFunction) -> Bool {
        functions(of: function).contains { symbols.canProbe($0.symbol) }
    }

    /// The kernel has the function, and nothing is known against it.
    func fires(_ function: KernelFunction) -> Bool {
        functions(of: function).contains { symbols.canProbe($0.symbol) && !silent.contains($0.symbol) }
    }
}
