import SocketEvents
import ProbeContract
import Testing

@testable import ProbePlanning
@testable import KernelLayout

@Suite("Choosing functions call path by call path")
struct CallPathTests {
    private static let everything =
        [
            "__sock_sendmsg", "sock_sendmsg", "____sys_sendmsg", "__sys_sendto", "sock_write_iter", "do_writev",
            "sock_recvmsg", "____sys_recvmsg", "__sys_recvfrom", "sock_read_iter", "do_readv", "sock_splice_read",
            "security_socket_sendmsg", "security_socket_recvmsg", "unix_stream_sendmsg", "unix_stream_recvmsg",
            "__sock_create", "__sock_release", "sock_release", "sock_close",
        ]

    private func plan(
        without hidden: Set<String> = [], silent: Set<String> = [], for aliases: AliasSet = .all
    ) -> ProbePlan {
        var layout = StructLayout()
        layout[.kiocbFile] = .init(offset: 0, width: 8, source: .calibrated)
        layout[.filePrivateData] = .init(offset: 200, width: 8, source: .calibrated)
        let symbols = KernelSymbols(names: Self.everything.filter { !hidden.contains($0) })
        return ProbePlan(for: PlanRequest(symbols: symbols, layout: layout, aliases: aliases, silent: silent))
    }

    private func symbols(_ plan: ProbePlan) -> Set<String> { Set(plan.probes.map(\.symbol)) }

    @Test("Where the usual functions are, no others are probed")
    func usual() {
        let probed = symbols(plan())
        #expect(probed.isSuperset(of: ["__sock_sendmsg", "sock_recvmsg", "__sock_release"]))
        #expect(probed.isDisjoint(with: ["__sys_sendto", "__sys_recvfrom", "sock_close", "unix_stream_sendmsg"]))
    }

    @Test("Where __sock_sendmsg is inlined away, the system call and the security hook stand in")
    func securityHooks() {
        let probed = symbols(plan(without: ["__sock_sendmsg"]))
        #expect(probed.isSuperset(of: ["__sys_sendto", "security_socket_sendmsg"]))
        #expect(!probed.contains("unix_stream_sendmsg"))
    }

    @Test("Where there are no security hooks, the protocols' own functions bring the socket")
    func protocols() {
        let hidden: Set = ["__sock_sendmsg", "security_socket_sendmsg", "security_socket_recvmsg"]
        let probed = symbols(plan(without: hidden, silent: ["sock_recvmsg"]))
        #expect(
            probed.isSuperset(of: ["__sys_sendto", "unix_stream_sendmsg", "__sys_recvfrom", "unix_stream_recvmsg"]))
    }

    @Test("A function found silent keeps its probe and its event, and the next one joins it")
    func silentFunctionsStay() {
        let before = plan()
        let after = plan(silent: ["sock_recvmsg", "__sock_release"])
        #expect(Set(before.probes.map(\.event.text)).isSubset(of: after.probes.map(\.event.text)))
        for probe in before.probes {
            #expect(after.probes.first { $0.event == probe.event }?.symbol == probe.symbol)
        }
        #expect(symbols(after).isSuperset(of: ["__sys_recvfrom", "security_socket_recvmsg", "sock_close"]))
    }

    private func sides(_ plan: ProbePlan, _ symbol: String) -> Set<FrameSide> {
        Set(plan.probes.filter { $0.symbol == symbol }.compactMap(\.event.side))
    }

    @Test(
        "Where the functions that have a message's result are missing, the protocols' own bring it",
        arguments: [
            (["____sys_sendmsg"], "unix_stream_sendmsg"), (["____sys_recvmsg"], "unix_stream_recvmsg"),
            (["sock_recvmsg"], "unix_stream_recvmsg"), (["sock_sendmsg", "__sock_sendmsg"], "unix_stream_sendmsg"),
        ] as [(Set<String>, String)])
    func results(missing: Set<String>, protocolFunction: String) {
        #expect(sides(plan(without: missing), protocolFunction) == [.entry, .return])
    }

    @Test("A silent function that several routes pass keeps the cheap stand-in: the socket alone")
    func cheap() {
        let plan = plan(without: ["security_socket_recvmsg"], silent: ["sock_recvmsg"])
        #expect(sides(plan, "unix_stream_recvmsg") == [.entryOnly])
    }

    @Test("Where io_uring's messages were not seen, the protocols' own functions bring their results")
    func kernelCallers() {
        var request = PlanRequest(symbols: KernelSymbols(names: Self.everything), layout: StructLayout())
        #expect(sides(ProbePlan(for: request), "unix_stream_recvmsg") == [])
        request.unseen = [.kernelReceive]
        #expect(sides(ProbePlan(for: request), "unix_stream_recvmsg") == [.entry, .return])
        #expect(sides(ProbePlan(for: request), "unix_stream_sendmsg") == [])
        request.unseen = [.kernelSend]
        #expect(sides(ProbePlan(for: request), "unix_stream_sendmsg") == [.entry, .return])
    }

    @Test("Whatever tells the way of a message is probed with it", arguments: [Alias.sendmsg, .send, .sendmsgReturn])
    func ways(alias: Alias) {
        let probed = symbols(plan(for: AliasSet([alias])))
        #expect(probed.isSuperset(of: ["sock_write_iter", "do_writev", "____sys_sendmsg"]))
    }

    @Test("What is silent and tells a way is not probed, so that nobody relies on its silence")
    func silentMarks() {
        let plan = plan(silent: ["do_writev", "sock_read_iter"])
        #expect(symbols(plan).isDisjoint(with: ["do_writev", "sock_read_iter"]))
        // By its system call a receive is still known to be none of read(2).
        #expect(symbols(plan).contains("__sys_recvfrom"))
    }

    @Test("No event is defined twice", arguments: [[], ["sock_recvmsg", "__sock_release", "__sock_sendmsg"]])
    func uniqueEvents(silent: [String]) {
        let events = plan(silent: Set(silent)).probes.map(\.event.text)
        #expect(events.count == Set(events).count)
    }

    @Test("Where __sock_create is inlined away, socket(2) shows its creations, under a name that says so")
    func creations() throws {
        var layout = StructLayout()
        layout[.socketType] = .init(offset: 4, width: 2, source: .calibrated)
        let symbols = KernelSymbols(names: ["sock_create", "__sys_socket"])
        let plan = ProbePlan(for: PlanRequest(symbols: symbols, layout: layout))
        #expect(
            plan.probes.map { $0.text(group: "g") } == [
                "p:g/create_entry____sys_socket __sys_socket family=$arg1:s32 type=$arg2:s32 protocol=$arg3:s32",
                "r256:g/create_return____sys_socket __sys_socket ret=$retval:s32",
            ])
        for probe in plan.probes { #expect(ProbeEventName(parsing: probe.event.text) == probe.event) }
        #expect(KernelFunction.candidateSymbols.contains("__sys_socket"))
        let silent = ProbePlan(
            for: PlanRequest(
                symbols: KernelSymbols(names: ["__sock_create", "__sys_socket"]), layout: layout,
                silent: ["__sock_create"]))
        #expect(silent.choices.first { $0.callPath == "create" }?.functions == ["__sys_socket"])
    }
}
