import ProbePlanning
import SocketEvents
import Testing

@testable import SocketTracing

@Suite struct SelfTestVerdictTests {
    private func verdict(_ outcomes: [SelfTestVerdict.Outcome]) -> SelfTestVerdict {
        var verdict = SelfTestVerdict()
        verdict.calls = zip(KnownCall.allCases, outcomes).map { .init($0, $1) }
        return verdict
    }

    @Test func `Nothing tried is never passed`() {
        #expect(verdict([]).standing == .untested)
        #expect(verdict([.unknown, .unknown]).standing == .untested)
        #expect(verdict([.unknown]).remark == "self-test: no known call could be tried")
    }

    @Test func `All missed is blind, whatever could not be tried`() {
        #expect(verdict([.missed, .missed]).standing == .blind)
        #expect(verdict([.missed, .unknown]).standing == .blind)
        #expect(verdict([.missed, .exactlyOnce]).standing == .faulty)
    }

    @Test(arguments: [SelfTestVerdict.Outcome.missed, .doubled, .wrong(["type"])])
    func `One fault among many is a fault`(outcome: SelfTestVerdict.Outcome) {
        #expect(verdict([.exactlyOnce, outcome, .exactlyOnce]).standing == .faulty)
    }

    @Test func `Unknown values are no fault, but are said`() {
        let one = verdict([.exactlyOnce, .incomplete(["via"])])
        #expect(one.standing == .passed && !one.isWhole)
        #expect(one.remark == "self-test: 1 of 2 call paths seen exactly once; socketpair without via")
        #expect(verdict([.exactlyOnce, .unknown]).remark == "self-test of 1 call paths passed")
    }

    @Test func `A report of a trace whose self-test failed is not complete`() {
        var report = TraceReport(statistics: DecodeStatistics())
        #expect(report.isComplete)
        report.selfTest = verdict([.exactlyOnce])
        #expect(report.isComplete)
        for outcomes in [[], [.missed, .exactlyOnce], [.wrong(["family"])]] as [[SelfTestVerdict.Outcome]] {
            report.selfTest = verdict(outcomes)
            #expect(!report.isComplete)
        }
    }

    @Test func `A recording keeps what became of every call`() throws {
        var notes = RecordingMetadata()
        var verdict = verdict([
            .exactlyOnce, .missed, .doubled, .wrong(["family", "via"]), .incomplete(["via"]), .unknown, .exactlyOnce,
            .missed,
        ])
        verdict.silent = ["sock_recvmsg", "__sock_release"]
        notes.selfTest = verdict
        notes.choices = [
            .init(callPath: "send, sendto", functions: ["__sys_sendto", "af_alg:hash_sendmsg"]),
            .init(callPath: "create", functions: []),
        ]
        notes.origin = "field offsets from BTF (unknown: kiocb.ki_filp)"
        let read = try #require(RecordingMetadata(decoding: notes.encoded))
        #expect(read.selfTest == verdict)
        #expect(read.choices == notes.choices)
        #expect(read.origin == notes.origin)
    }

    @Test func `A recording of earlier days says in words what became of its calls`() throws {
        let text = """
            sockftrace notes 1
            begin 5
            remark send, sendto: __sock_sendmsg
            remark self-test of 20 routes passed
            remark field offsets from BTF

            """
        let notes = try #require(RecordingMetadata(decoding: Array(text.utf8)))
        #expect(notes.selfTest == nil && notes.selfTestRemark == "self-test of 20 routes passed")
        #expect(notes.origin == "field offsets from BTF")
        #expect(notes.remarks == ["send, sendto: __sock_sendmsg"])
    }

    @Test func `What a later recorder may note of a call is passed over`() throws {
        let text =
            "sockftrace notes 1\nself-test once send\nself-test sung send\nself-test once yodel\nself-test once\n"
        let notes = try #require(RecordingMetadata(decoding: Array(text.utf8)))
        #expect(notes.selfTest?.calls == [.init(.send, .exactlyOnce)])
    }
}
