internal import KernelLayout
internal import SocketEvents
internal import ProbeContract

/// Interprets the table of call paths for one kernel.
struct Planner {
    let request: PlanRequest
    private(set) var choices: [ProbePlan.Choice] = []
    /// Events that the kernel has of itself, `SYSTEM/EVENT`.
    private(set) var tracepoints: [String] = []
    private var chosen: [Chosen] = []

    /// A function that is to be probed.
    private struct Chosen {
        var function: ProbedFunction
        var isEntryOnly: Bool
    }

    /// One that has chosen nothing.
    init(fetchingFor request: PlanRequest) { self.request = request }

    init(_ request: PlanRequest) {
        self.init(fetchingFor: request)
        for path in CallPath.allCases where path.isNeeded(for: request.aliases) { take(path) }
        if request.details.contains(.descriptor) { takeDescriptorCalls() }
    }

    /// The probes of all functions that were chosen.
    var probes: [ProbeDefinition] {
        var probes: [ProbeDefinition] = []
        for one in chosen {
            switch one.function.subject {
            case .frame(let role):
                let sides: [FrameSide] = one.isEntryOnly ? [.entryOnly] : [.entry, .return]
                for side in sides { probes.append(definition(of: one.function, role, side: side, beside: probes)) }
            case .notice(let notice):
                probes.append(definition(of: one.function, notice, beside: probes))
            case .returnedSock(let notice):
                probes.append(returnDefinition(of: one.function, notice, beside: probes))
            }
        }
        return probes
    }

    /// The probes by which sockets are found that were there before.
    var snapshot: [ProbeDefinition] {
        guard request.tellsEndpoints, request.aliases.needsSnapshot else { return [] }
        var probes: [ProbeDefinition] = []
        for function in request.functions(of: .rowOfSockets) where request.symbols.canProbe(function.symbol) {
            probes.append(definition(of: function, .listed, beside: probes))
        }
        return probes
    }

    private mutating func take(_ path: CallPath) {
        let entry = path.entry
        guard !entry.isForUnreachableSockets || !leadsFromFilesToSockets else { return }
        if !request.tellsEndpoints {
            guard entry.operation != nil, !(entry.withoutEndpoints?.isDisjoint(with: request.aliases) ?? false) else {
                return
            }
        }
        tracepoints += entry.kernelEvents.map(\.rawValue).filter { !tracepoints.contains($0) }
        var seenAt: [String]? = entry.kernelEvents.isEmpty ? nil : entry.kernelEvents.map(\.rawValue)
        for step in entry.steps where isTaken(step, of: path) {
            let wanted = request.aliases.intersection(entry.aliases)
            seenAt = (seenAt ?? []) + choose(step.function, entrySuffices: step.entrySuffices.isSuperset(of: wanted))
        }
        if let seenAt { choices.append(.init(callPath: entry.title, functions: seenAt)) }
    }

    /// The calls by which messages go: of the other calls the functions know the descriptor.
    private mutating func takeDescriptorCalls() {
        let wanted: [(role: FrameRole, aliases: AliasSet)] = [
            (.sendCall, .sentMessages), (.writeCall, .written), (.receiveCall, .receivedMessages), (.readCall, .read),
        ]
        for (role, aliases) in wanted where !aliases.isDisjoint(with: request.aliases) {
            tracepoints += DescriptorCall.allCases.filter { $0.role == role }.flatMap(\.events)
        }
    }

    private func isTaken(_ step: CallPath.Step, of path: CallPath) -> Bool {
        guard step.aliases.map({ !$0.isDisjoint(with: request.aliases) }) ?? true else { return false }
        if step.isTakenWhenUnseen, request.unseen.contains(path) { return true }
        return switch step.need {
        case .always: true
        case .whileNone(let functions): !functions.contains { request.fires($0) }
        case .whileNotAll(let functions): !functions.allSatisfy { request.fires($0) }
        case .whileAbsent(let function): !request.isPresent(function)
        }
    }

    /// Takes those functions that the kernel has.
    ///
    /// Those known to be silent are probed, too: a path that was not tried, from within the kernel for one, may pass them.
    /// Not so those that tell the way of a message: nobody must rely on their silence.
    /// - Returns: those that nothing is known against.
    private mutating func choose(_ function: KernelFunction, entrySuffices: Bool) -> [String] {
        let present = request.functions(of: function).filter { request.symbols.canProbe($0.symbol) }
        for function in present where function.role?.impliesRoute != true || !request.silent.contains(function.symbol) {
            if let index = chosen.firstIndex(where: { $0.function.symbol == function.symbol }) {
                if !entrySuffices { chosen[index].isEntryOnly = false }
            } else {
                chosen.append(Chosen(function: function, isEntryOnly: entrySuffices))
            }
        }
        return present.map(\.symbol).filter { !request.silent.contains($0) }
    }

    /// A kiocb leads to its file and the file to its socket.
    private var leadsFromFilesToSockets: Bool {
        request.layout[.kiocbFile] != nil && request.layout[.filePrivateData] != nil
    }

    // MARK: Definitions

    private func definition(
        of function: ProbedFunction, _ role: FrameRole, side: FrameSide, beside probes: [ProbeDefinition]
    ) -> ProbeDefinition {
        let isTaken = probes.contains {
            guard case .frame(let name) = $0.event else { return false }
            return name.role == role && name.function == nil && $0.symbol != function.symbol
        }
        // That of socket(2) is always named, as readers must know it by its arguments.
        let isNamed = isTaken || function.symbol == FrameEventName.socketCall
        let event = ProbeEventName.frame(
            FrameEventName(
                role: role, side: side, function: isNamed ? FrameEventName.word(for: function.symbol) : nil))
        guard side == .return else {
            return ProbeDefinition(
                symbol: function.symbol, at: function.place, event: event, arguments: entryArguments(of: function))
        }
        let result =
            function.result == .nothing
            ? [] : [FetchArgument(ProbeField.result, "$retval", resultType(of: function))]
        return ProbeDefinition(
            symbol: function.symbol, at: function.place, event: event, arguments: result,
            maxActive: maxActive(role.isBrief ? ProbePlan.maxActiveOfBrief : ProbePlan.maxActive))
    }

    private func name(
        _ notice: SocketNotice, of function: ProbedFunction, beside probes: [ProbeDefinition]
    ) -> ProbeEventName {
        let isTaken = probes.contains { $0.event == .notice(NoticeEventName(notice)) }
        return .notice(
            NoticeEventName(notice, function: isTaken ? FrameEventName.word(for: function.symbol) : nil))
    }

    private func definition(
        of function: ProbedFunction, _ notice: SocketNotice, beside probes: [ProbeDefinition]
    ) -> ProbeDefinition {
        ProbeDefinition(
            symbol: function.symbol, at: function.place, event: name(notice, of: function, beside: probes),
            arguments: entryArguments(of: function))
    }

    private func returnDefinition(
        of function: ProbedFunction, _ notice: SocketNotice, beside probes: [ProbeDefinition]
    ) -> ProbeDefinition {
        var definition = ProbeDefinition(
            symbol: function.symbol, at: function.place, event: name(notice, of: function, beside: probes),
            arguments: [FetchArgument(ProbeField.sock, "$retval", request.convention.word)],
            maxActive: maxActive(ProbePlan.maxActive))
        definition.kind = .return
        return definition
    }

    /// Nil where the kernel does not let it be chosen.
    private func maxActive(_ wanted: Int) -> Int? { request.hasMaxActive ? wanted : nil }

    private func resultType(of function: ProbedFunction) -> String {
        function.result == .long && request.convention.wordSize == 4 ? "s32" : function.result.rawValue
    }
}

extension FrameRole {
    /// Its functions wait for no message and no other party, so that few calls are under way at a time.
    fileprivate var isBrief: Bool {
        switch self {
        case .create, .sysBind, .bind, .protoBind, .sysListen, .listen, .protoListen, .sysShutdown, .shutdown,
            .protoShutdown:
            true
        default: false
        }
    }
}

extension AliasSet {
    /// Some member says between whom it was.
    fileprivate var needsSnapshot: Bool { CallPath.tcpState.isNeeded(for: self) }
}
