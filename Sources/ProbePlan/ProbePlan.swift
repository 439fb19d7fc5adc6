public import SocketAliases

/// Which functions to probe on the running kernel, and what to fetch there.
public struct ProbePlan: Sendable, Equatable {
    public var probes: [ProbeDefinition]
    /// Events that the kernel has of itself, `SYSTEM/EVENT`, where it takes no probes.
    public var tracepoints: [String] = []
    /// What was chosen for each role, in words, for `list` and `doctor`.
    public var choices: [Choice]
    public var layout: StructLayout

    /// One route and the functions that show it.
    public struct Choice: Sendable, Equatable {
        public var route: String
        public var functions: [String]

        public init(route: String, functions: [String]) {
            self.route = route
            self.functions = functions
        }
    }
}

extension ProbePlan {
    /// The plan for a kernel without kprobe events that has the tracepoints `sock_send_length` and `sock_recv_length`
    /// (since 6.3): messages with size, success, family and protocol, and creations by socket(2).
    /// - Parameter hasEvent: whether the kernel has an event, by its name `SYSTEM/EVENT`.
    /// - Returns: nil where the kernel has no event for any of the aliases.
    public static func tracepoints(for aliases: AliasSet, hasEvent: (String) -> Bool) -> ProbePlan? {
        let sources: [(alias: Alias, route: String, events: [String])] = [
            (.send, "messages sent", ["sock/sock_send_length"]),
            (.receive, "messages received", ["sock/sock_recv_length"]),
            (.createReturn, "create", ["syscalls/sys_enter_socket", "syscalls/sys_exit_socket"]),
        ]
        let found = sources.filter { aliases.contains($0.alias) && $0.events.allSatisfy(hasEvent) }
        guard !found.isEmpty else { return nil }
        var plan = ProbePlan(probes: [], choices: [], layout: StructLayout())
        plan.tracepoints = found.flatMap(\.events)
        plan.choices = found.map { .init(route: $0.route, functions: $0.events) }
        return plan
    }
}

/// What a plan is made for.
public struct PlanRequest: Sendable {
    /// The kernel's text symbols, from /proc/kallsyms.
    public var symbols: KernelSymbols
    public var layout: StructLayout
    public var convention: CallingConvention
    /// The kernel's `maxactive` can be chosen (since 4.12).
    public var hasMaxActive: Bool
    /// The aliases that are wanted; they decide whether a return probe is needed.
    public var aliases: AliasSet

    public init(
        symbols: KernelSymbols, layout: StructLayout, convention: CallingConvention = .byNumber,
        hasMaxActive: Bool = true, aliases: AliasSet = .all
    ) {
        self.symbols = symbols
        self.layout = layout
        self.convention = convention
        self.hasMaxActive = hasMaxActive
        self.aliases = aliases
    }
}

extension ProbePlan {
    /// KRETPROBE_MAXACTIVE_MAX (kernel/trace/trace_kprobe.c). A thread that sleeps in recv holds an instance for as long
    /// as it sleeps, and an instance costs about a hundred bytes.
    public static let maxActive = 4096

    /// Chooses functions for every route that the wanted aliases need.
    public init(for request: PlanRequest) {
        var builder = PlanBuilder(request: request)
        builder.planSends()
        builder.planReceives()
        builder.planCreation()
        builder.planClosing()
        probes = builder.probes
        choices = builder.choices
        layout = request.layout
    }
}

/// Collects the probes of a plan.
struct PlanBuilder {
    let request: PlanRequest
    var probes: [ProbeDefinition] = []
    var choices: [ProbePlan.Choice] = []

    init(request: PlanRequest) {
        self.request = request
    }

    private func wants(_ aliases: Alias...) -> Bool {
        aliases.contains { request.aliases.contains($0) }
    }

    mutating func planSends() {
        let message = wants(.send, .sendmsg, .sendmsgReturn)
        let iteration = wants(
            .send, .aioWrite, .aioWriteReturn, .writev, .writevReturn, .writeIter, .writeIterReturn)
        if message {
            // Of send and sendto; also inside the other routes where it is not inlined away.
            if !frames("send, sendto", [.sockSendmsgInner]) {
                frames("send, sendto", [.sysSendto])
                calls("socket of send, sendto", [.securitySendmsg])
            }
            frames("kernel callers, io_uring send", [.sockSendmsg])
            frames("sendmsg, sendmmsg", [.sysSendmsg])
        }
        if iteration {
            frames("write, AIO, io_uring write", [.writeIter])
            frames("writev, pwritev2", [.doWritev])
        }
        if wants(.send) {
            if !frames("sendfile, splice", [.sendpage]) { frames("sendfile, splice", [.spliceToSocket]) }
        }
    }

    mutating func planReceives() {
        let message = wants(.receive, .recvmsg, .recvmsgReturn)
        let iteration = wants(.receive, .aioRead, .aioReadReturn, .readv, .readvReturn, .readIter, .readIterReturn)
        if message {
            frames("recv, recvfrom, io_uring recv", [.sockRecvmsg])
            frames("recvmsg, recvmmsg", [.sysRecvmsg])
        }
        if iteration {
            frames("read, AIO, io_uring read", [.readIter])
            frames("readv, preadv2", [.doReadv])
        }
        if wants(.receive) { frames("splice from a socket", [.spliceRead]) }
    }

    mutating func planCreation() {
        if wants(.createReturn) {
            frames("create", [.create])
        } else if wants(.create) {
            calls("create", [.create])
        }
    }

    mutating func planClosing() {
        if wants(.closeReturn) {
            frames("close", [.releaseInner, .release])
        } else if wants(.close) {
            calls("close", [.releaseInner])
            // Kernel sockets and failed calls; it may call the one above, so its frame must be known to be left.
            frames("close by the kernel", [.release])
        }
    }

    /// Probes entry and return of those of the functions that the kernel has. False where it has none.
    @discardableResult
    private mutating func frames(_ route: String, _ functions: [ProbedFunction]) -> Bool {
        add(route, functions, sides: [.entry, .return])
    }

    @discardableResult
    private mutating func calls(_ route: String, _ functions: [ProbedFunction]) -> Bool {
        add(route, functions, sides: [.call])
    }

    private mutating func add(_ route: String, _ functions: [ProbedFunction], sides: [FrameSide]) -> Bool {
        let present = functions.filter { request.symbols.canProbe($0.symbol) }
        choices.append(.init(route: route, functions: present.map(\.symbol)))
        for function in present {
            for side in sides { probes.append(definition(of: function, side: side)) }
        }
        return !present.isEmpty
    }

    private func definition(of function: ProbedFunction, side: FrameSide) -> ProbeDefinition {
        let isTaken = probes.contains {
            $0.event.role == function.role && $0.event.function == nil && $0.symbol != function.symbol
        }
        let event = FrameEventName(role: function.role, side: side, function: isTaken ? function.symbol : nil)
        guard side == .return else {
            return ProbeDefinition(symbol: function.symbol, event: event, arguments: entryArguments(of: function))
        }
        let result = function.result == .nothing ? [] : [FetchArgument("ret", "$retval", resultType(of: function))]
        return ProbeDefinition(
            symbol: function.symbol, event: event, arguments: result,
            maxActive: request.hasMaxActive ? ProbePlan.maxActive : nil)
    }

    private func resultType(of function: ProbedFunction) -> String {
        function.result == .long && request.convention.wordSize == 4 ? "s32" : function.result.rawValue
    }

    private func entryArguments(of function: ProbedFunction) -> [FetchArgument] {
        if function.role == .create { return creationArguments() }
        var arguments: [FetchArgument] = []
        if let socket = socketExpression(of: function) {
            arguments.append(FetchArgument("socket", socket.text, request.convention.word))
            arguments += socketArguments(socket, isClosing: function.role == .close)
        }
        if let size = sizeArgument(of: function) { arguments.append(size) }
        return arguments
    }

    /// `__sock_create(net, family, type, protocol, res, kern)`: the raw arguments, as the caller gave them.
    private func creationArguments() -> [FetchArgument] {
        [("family", 2), ("type", 3), ("protocol", 4), ("requester", 6)].compactMap { name, number in
            request.convention.argument(number).map { FetchArgument(name, $0.text, "s32") }
        }
    }

    private func socketExpression(of function: ProbedFunction) -> Expression? {
        let layout = request.layout
        switch function.socket {
        case .none: return nil
        case .argument(let number): return request.convention.argument(number)
        case .file(let number):
            guard let privateData = layout[.filePrivateData] else { return nil }
            return request.convention.argument(number)?.at(privateData.offset)
        case .kiocb(let number):
            guard let file = layout[.kiocbFile], let privateData = layout[.filePrivateData] else { return nil }
            return request.convention.argument(number)?.at(file.offset).at(privateData.offset)
        }
    }

    private func socketArguments(_ socket: Expression, isClosing: Bool) -> [FetchArgument] {
        let layout = request.layout
        var arguments: [FetchArgument] = []
        func add(_ name: String, _ base: Expression?, _ member: StructLayout.Member, signed: Bool = false) {
            guard let base, let place = layout[member] else { return }
            arguments.append(FetchArgument(name, base.at(place.offset).text, type(of: place, signed: signed)))
        }
        add("state", socket, .socketState)
        add("type", socket, .socketType)
        add("flags" + (layout.flagSpec.map { "_" + $0 } ?? ""), socket, .socketFlags)
        add("family", layout[.socketOps].map { socket.at($0.offset) }, .opsFamily)
        let sock = layout[.socketSock].map { socket.at($0.offset) }
        // Only a closing socket may lack its sk: one that was never made, or that accept() gave up.
        if isClosing, let sock { arguments.append(FetchArgument("sk", sock.text, request.convention.word)) }
        add("protocol", sock, .sockProtocol)
        return arguments
    }

    private func type(of place: StructLayout.Place, signed: Bool) -> String {
        let width = place.width * 8
        guard let bits = place.bits else { return (signed ? "s" : "u") + String(width) }
        return "b\(bits.count)@\(bits.lowerBound)/\(width)"
    }

    private func sizeArgument(of function: ProbedFunction) -> FetchArgument? {
        let convention = request.convention
        switch function.size {
        case .none: return nil
        case .argument(let number):
            return convention.argument(number).map { FetchArgument("size", $0.text, convention.size) }
        case .message(let number):
            guard let place = request.layout[.messageCount] else { return nil }
            return convention.argument(number).map { FetchArgument("size", $0.at(place.offset).text, convention.size) }
        case .iterator(let number):
            guard let place = request.layout[.iteratorCount] else { return nil }
            return convention.argument(number).map { FetchArgument("size", $0.at(place.offset).text, convention.size) }
        }
    }
}
