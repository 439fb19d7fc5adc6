internal import Glibc
internal import ProbePlanning
internal import SocketEvents
internal import ProbeContract

/// Verifies that the probes of a session really fire, and puts others beside those that do not.
///
/// A symbol that is there may be a dead copy: the compiler inlined the function into its callers and left it in place.
/// Only calls that were seen prove a route.
struct SelfTest {
    let aliases: AliasSet
    let survey: KernelSurvey
    var packsFields = false

    /// Each round can take one step along every chain, and no chain has more than three links.
    private static let rounds = 3

    /// Installs a session for a trace, and verifies it.
    /// - Parameters:
    ///   - ground: that of the calibration, if there is one.
    ///   - verdict: set where there are probes to verify.
    static func install(
        _ survey: KernelSurvey, _ options: TraceOptions, on ground: consuming TracerInstance? = nil,
        _ verdict: inout SelfTestVerdict?
    ) throws(TracingError) -> ProbeSession {
        let plan = try survey.plan(for: options.aliases, packsFields: options.packsFields)
        var own: TracerInstance
        if let ground = ground.take() {
            own = ground
            try own.setBufferSize(kilobytes: options.bufferKilobytes)
        } else {
            own = try TracerInstance(survey.directory, bufferKilobytes: options.bufferKilobytes)
        }
        var session = try ProbeSession.install(plan: plan, on: own)
        try session.silence(options.overrides.silent)
        if !options.skipsSelfTest {
            verdict = SelfTest(aliases: options.aliases, survey: survey, packsFields: options.packsFields)
                .run(on: &session)
        }
        return session
    }

    /// Makes the calls, judges what the session shows of them, and extends the session where something is missing.
    func run(on session: inout ProbeSession) -> SelfTestVerdict {
        let begin = ProbeSession.now()
        var verdict = SelfTestVerdict()
        var unseen: Set<OperationKind> = []
        for round in 1...Self.rounds {
            guard let routes = routes(of: &session) else { break }
            verdict.routes = routes
            guard round < Self.rounds else { break }
            let found = silent(session.plan, verdict)
            let isMissed = unseen.insertMissed(verdict)
            guard !found.isEmpty || isMissed else { break }
            verdict.silent += found
            guard
                let plan = try? survey.plan(
                    for: aliases, silent: Set(verdict.silent), unseenKernelCallers: unseen, packsFields: packsFields),
                (try? session.extend(to: plan)) != nil
            else { break }
        }
        // Once, at the end: the kernel's counts of all probes are long texts.
        if countsFaults(session, verdict) { session.countsFaultsAsMisses = true }
        verdict.duration = ProbeSession.now() - begin
        return verdict
    }

    // MARK: One round

    private func routes(
        of session: inout ProbeSession
    ) -> [(route: SelfTestVerdict.Route, outcome: SelfTestVerdict.Outcome)]? {
        var calls = SelfTestCalls()
        guard let items = try? session.recordDryRun({ calls.make() }) else { return nil }
        var events: [SocketEvent] = []
        var hasLosses = false
        let thread = CurrentThread.id
        for item in items {
            switch item {
            case .event(let event): if event.tid == thread { events.append(event) }
            case .lost: hasLosses = true
            }
        }
        let refused = calls.refused
        var expected = calls.expected
        // Tracepoints tell no way.
        let isTold = !session.plan.probes.isEmpty
        if !isTold { for index in expected.indices { expected[index].via = nil } }
        let shown = isTold ? Set(SelfTestVerdict.Route.allCases) : SelfTestVerdict.Route.ofTracepoints
        return SelfTestVerdict.Route.allCases.filter { aliases.needs($0) && shown.contains($0) }.map { route in
            let own = expected.filter { $0.verdictRoute == route }
            guard !own.isEmpty, !refused.contains(route), !hasLosses else { return (route, .unknown) }
            return (route, Self.outcome(of: own, outOf: expected, among: events))
        }
    }

    private static func outcome(
        of expected: [ExpectedEvent], outOf all: [ExpectedEvent], among events: [SocketEvent]
    ) -> SelfTestVerdict.Outcome {
        var wrong: Set<String> = []
        var isWayUnknown = false
        for one in expected {
            // A message is known by its size; what has none by its type, or, where that is unknown, only by number.
            let hasTypes = one.size == nil && events.contains { $0.alias == one.alias && $0.type != nil }
            let seen = events.filter {
                $0.alias == one.alias && (one.size == nil || $0.size == one.size) && (!hasTypes || $0.type == one.type)
            }
            let count = all.count {
                $0.alias == one.alias && $0.size == one.size && (!hasTypes || $0.type == one.type)
            }
            if seen.count < count { return .missed }
            if seen.count > count { return .doubled }
            for event in seen {
                wrong.formUnion(wrongFields(of: event, one))
                if one.via != nil, event.via == nil { isWayUnknown = true }
            }
        }
        if !wrong.isEmpty { return .wrong(wrong.sorted()) }
        return isWayUnknown ? .incomplete(["via"]) : .exactlyOnce
    }

    /// What the kernel does not tell is nil, and that is no fault of the probes.
    private static func wrongFields(of event: SocketEvent, _ expected: ExpectedEvent) -> [String] {
        var wrong: [String] = []
        if let family = event.family, family != expected.family { wrong.append("family") }
        if let type = event.type, type != expected.type { wrong.append("type") }
        if let number = event.protocol, number != expected.protocol { wrong.append("protocol") }
        if event.success == false { wrong.append("success") }
        if let via = expected.via, let seen = event.via, seen != via { wrong.append("via") }
        if event.alias != .createReturn, event.socket == 0 { wrong.append("socket") }
        return wrong
    }

    /// Up to 5.13 the kernel counts a fault in a probe's fetch as a missed hit of that probe (kprobe_fault_handler,
    /// removed by ec6aba3d2be1), though the record is written. The refused socket, which has neither ops nor sk, was such
    /// a fault: was it seen, and counted as missed all the same?
    private func countsFaults(_ session: borrowing ProbeSession, _ verdict: SelfTestVerdict) -> Bool {
        guard verdict[.closeRefused] == .exactlyOnce, let counts = try? session.kernelCounts() else { return false }
        return counts.missed.keys.contains { ProbeSession.fetchesBehindNull($0) }
    }

    // MARK: The next link

    /// Functions that a route relies on where they are there, and that others can stand in for.
    private static let chains: [(routes: [SelfTestVerdict.Route], functions: [String])] = [
        ([.send], ["__sock_sendmsg", "security_socket_sendmsg"]),
        ([.receive], ["sock_recvmsg", "security_socket_recvmsg"]),
        ([.sendmsg, .sendmmsg], ["____sys_sendmsg"]),
        ([.recvmsg, .recvmmsg], ["____sys_recvmsg"]),
        ([.write], ["sock_write_iter", "__sock_sendmsg"]),
        ([.writev], ["do_writev"]),
        ([.read], ["sock_read_iter", "sock_recvmsg"]),
        ([.readv], ["do_readv"]),
        ([.spliceIn], ["sock_sendmsg"]),
        ([.create], ["__sock_create"]),
        ([.close], ["__sock_release"]),
    ]

    /// Those that show no message, but only tell how one came about.
    private static let marks: Set = ["do_writev", "do_readv"]

    /// Of each chain whose route was missed, the function that should have shown it; and of each that came by another
    /// way than it seemed, the function that should have told.
    private func silent(_ plan: ProbePlan, _ verdict: SelfTestVerdict) -> [String] {
        var found: [String] = []
        for (routes, functions) in Self.chains {
            let isMark = Self.marks.isSuperset(of: functions)
            guard routes.contains(where: { verdict[$0] == .wrong(["via"]) || (!isMark && verdict[$0] == .missed) })
            else { continue }
            let next = functions.first { symbol in
                plan.probes.contains { $0.symbol == symbol } && !verdict.silent.contains(symbol)
            }
            if let next { found.append(next) }
        }
        return found
    }
}

extension Set<OperationKind> {
    /// Adds the directions in which io_uring's messages were missed. False where nothing was added.
    fileprivate mutating func insertMissed(_ verdict: SelfTestVerdict) -> Bool {
        let before = count
        if verdict[.ringSend] == .missed { insert(.send) }
        if verdict[.ringReceive] == .missed { insert(.receive) }
        return count > before
    }
}

extension SelfTestVerdict.Route {
    /// What the kernel's own tracepoints show: no socketpair(2), no end of a socket, and nothing that a protocol hands to
    /// splice(2) by itself, as AF_UNIX streams do.
    fileprivate static let ofTracepoints: Set<Self> = Set(allCases).subtracting([
        .pair, .close, .closeRefused, .spliceOut,
    ])
}

extension AliasSet {
    /// Whether any of the aliases is about messages of a route.
    fileprivate func needs(_ route: SelfTestVerdict.Route) -> Bool {
        let wanted: [Alias] =
            switch route {
            case .create, .pair: [.createReturn]
            case .tcp, .udp: [.send, .receive]
            case .close, .closeRefused: [.close, .closeReturn]
            case .send, .sendmsg, .sendmmsg, .ringSend: [.send, .sendmsg, .sendmsgReturn]
            case .receive, .recvmsg, .recvmmsg, .ringReceive: [.receive, .recvmsg, .recvmsgReturn]
            case .write: [.send, .aioWrite, .aioWriteReturn, .writeIter, .writeIterReturn]
            case .writev: [.send, .writev, .writevReturn, .writeIter, .writeIterReturn]
            case .read: [.receive, .aioRead, .aioReadReturn, .readIter, .readIterReturn]
            case .readv: [.receive, .readv, .readvReturn, .readIter, .readIterReturn]
            case .spliceIn: [.send]
            case .spliceOut: [.receive]
            }
        return wanted.contains { contains($0) }
    }
}
