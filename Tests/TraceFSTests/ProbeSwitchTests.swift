import LinuxSystem
import SystemPackage
import Testing

@testable import TraceFS

@Suite struct ProbeSwitchTests {
    /// A machine whose /proc is a stand-in.
    private func machine(functionTracing: String?, handler: Bool = true, kprobes: String? = nil) throws -> StandIn {
        let standIn = try StandIn()
        if let functionTracing { try standIn.put("proc/sys/kernel/ftrace_enabled", functionTracing) }
        try standIn.put("proc/kallsyms", "ffffffff81000000 T _stext\n" + (handler ? "0 T kprobe_ftrace_handler\n" : ""))
        if let kprobes {
            try standIn.put("proc/self/mounts", "proc /proc proc rw 0 0\nnone \(standIn.path)/debug debugfs rw 0 0\n")
            try standIn.put("debug/kprobes/enabled", kprobes)
        }
        return standIn
    }

    private func switches(_ standIn: StandIn) -> ProbeSwitches { ProbeSwitches(proc: standIn.path + "/proc") }

    @Test(arguments: [
        ("1\n", true, nil), ("0\n", true, ProbeSwitches.Obstacle.functionTracingOff), ("0\n", false, nil),
    ])
    func `Function tracing matters where probes use it`(
        text: String, handler: Bool, obstacle: ProbeSwitches.Obstacle?
    ) throws {
        // It takes its files along when it ends.
        let standIn = try machine(functionTracing: text, handler: handler)
        withExtendedLifetime(standIn) { #expect(switches(standIn).obstacle == obstacle) }
    }

    @Test func `A kernel without the function tracer has nothing to switch off`() throws {
        let standIn = try machine(functionTracing: nil)
        withExtendedLifetime(standIn) { #expect(switches(standIn).obstacle == nil) }
    }

    @Test func `A function tracer that stopped after an error answers ENODEV`() throws {
        let standIn = try machine(functionTracing: "1\n")
        let kernel = CallScript { call, _ in
            call.name == .open && call.detail.hasSuffix("ftrace_enabled") ? .fail(.operationNotSupportedByDevice) : nil
        }
        #expect(kernel.run { switches(standIn).obstacle } == .functionTracingBroken)
        let error = #expect(throws: TraceFSError.self) { try kernel.run { try switches(standIn).checkDisarming() } }
        #expect(error?.kind == .switchedOff && error?.remedy == "boot the machine again")
    }

    @Test func `The switch in debugfs keeps probes from being armed, and lets them be disarmed`() throws {
        let standIn = try machine(functionTracing: "1\n", kprobes: "0\n")
        #expect(switches(standIn).obstacle == .kprobesOff)
        #expect(throws: TraceFSError.self) { try switches(standIn).checkArming() }
        try switches(standIn).checkDisarming()
        try standIn.put("debug/kprobes/enabled", "1\n")
        #expect(switches(standIn).obstacle == nil)
    }

    @Test func `With function tracing off no instance is made`() throws {
        let standIn = try machine(functionTracing: "0\n")
        standIn.makeDirectory("instances")
        let error = #expect(throws: TraceFSError.self) {
            _ = try Instance(creating: "x", in: standIn.directory, switches: switches(standIn))
        }
        #expect(error?.kind == .switchedOff && error?.remedy == "sysctl kernel.ftrace_enabled=1")
        #expect(!standIn.has("instances/x"))
    }

    @Test func `What is armed stays armed and is not removed while function tracing is off`() throws {
        let standIn = try machine(functionTracing: "1\n")
        standIn.makeDirectory("instances")
        let event = EventName(group: "g", event: "e")
        do {
            var instance = try Instance(creating: "x", in: standIn.directory, switches: switches(standIn))
            for file in ["tracing_on", "events/enable", "events/g/e/enable"] { try standIn.put("instances/x/" + file) }
            try instance.enable(event)
            try standIn.put("proc/sys/kernel/ftrace_enabled", "0\n")
            #expect(instance.stop().map(\.kind) == [.switchedOff])
            #expect(try standIn.text("instances/x/tracing_on") == "0\n")
            #expect(throws: TraceFSError.self) { try instance.remove() }
            #expect(throws: TraceFSError.self) { try instance.disable(event) }
        }
        // Nor does its end remove it.
        #expect(try standIn.text("instances/x/events/g/e/enable") == "1\n")
        #expect(try standIn.text("instances/x/events/enable") == "")
    }

    @Test func `An event whose switch could not be written is not taken for armed`() throws {
        let standIn = try machine(functionTracing: "1\n")
        standIn.makeDirectory("instances")
        var instance = try Instance(creating: "x", in: standIn.directory, switches: switches(standIn))
        let event = EventName(group: "g", event: "e")
        for file in ["tracing_on", "events/enable", "events/g/e/enable"] { try standIn.put("instances/x/" + file) }
        let failing = CallScript { call, _ in
            call.name == .open && call.detail.hasSuffix("g/e/enable") ? .fail(.tooManyOpenFiles) : nil
        }
        var error: TraceFSError?
        failing.run {
            do throws(TraceFSError) { try instance.enable(event) } catch let failure { error = failure }
        }
        #expect(error?.errno == .tooManyOpenFiles && error?.remedy?.contains("ulimit -n") == true)
        let before = instance.enabled
        #expect(before.isEmpty)
        try instance.enable(event)
        #expect(try standIn.text("instances/x/events/g/e/enable") == "1\n")
        // The other way round: what could not be disarmed is still known to be armed.
        failing.run { try? instance.disable(event) }
        let after = instance.enabled
        #expect(after == [event])
    }
}
