internal import SystemPackage

/// The switches that turn all probes of the machine off: `kernel.ftrace_enabled`, and `kprobes/enabled` in debugfs.
///
/// With either off, a probe is defined and enabled without an error and never fires. With `kernel.ftrace_enabled` off
/// it is worse: arming marks the function (`FTRACE_FL_REGS`, `__ftrace_hash_rec_update` in kernel/trace/ftrace.c), and
/// only a change of the kernel's code takes the mark away again (`ftrace_check_record`), which `ftrace_startup_enable`
/// and `ftrace_shutdown` leave out while function tracing is off. The mark stays after the probe is gone. When function
/// tracing is on again and its last user lets go, `ftrace_shutdown` finds the mark and stops ftrace for good. From then
/// on no probe can be disarmed, and one that is removed stays in the kernel's lists after its memory was freed
/// (`unregister_kprobes` in kernel/kprobes.c): 5.10 and 6.1 panic at the next change. Two probes set by hand on two
/// functions, the first while it was off, do the same on 5.10, 6.1, 6.12 and 7.2. So nothing of ours is armed or disarmed then.
package struct ProbeSwitches: Sendable {
    /// Why probes do not fire.
    package enum Obstacle: String, Sendable {
        /// `kernel.ftrace_enabled` is 0, and this kernel's probes use the function tracer.
        case functionTracingOff
        /// The kernel stopped its function tracer after an error of its own.
        case functionTracingBroken
        /// `kprobes/enabled` in debugfs is 0.
        case kprobesOff
    }

    private let functionTracing: String
    private let kallsyms: String
    /// Nil where debugfs is not mounted: then it cannot be known.
    private let kprobes: String?

    /// Looks where the switches are.
    package init() {
        self.init(proc: "/proc")
    }

    init(proc: String) {
        functionTracing = "\(proc)/sys/kernel/ftrace_enabled"
        kallsyms = "\(proc)/kallsyms"
        let mounts = ControlFile.optionalText(of: "\(proc)/self/mounts") ?? ""
        kprobes = mounts.split(separator: "\n").map { $0.split(separator: " ") }
            .first { $0.count > 2 && $0[2] == "debugfs" }.map { "\($0[1])/kprobes/enabled" }
    }

    /// What the switches say now, to be compared with what they say later: that is quicker than to judge it.
    package var positions: [String?] {
        [functionTracing, kprobes].map { path in path.flatMap { ControlFile.optionalText(of: $0) } }
    }

    /// Why probes do not fire now; nil where no switch is known to be off.
    package var obstacle: Obstacle? {
        switch Result(catching: { () throws(TraceFSError) in try ControlFile.text(of: functionTracing, "read") }) {
        case .success(let text) where ControlFile.leadingNumber(text) == 0 && usesFunctionTracer:
            return .functionTracingOff
        // ftrace_enable_sysctl, kernel/trace/ftrace.c.
        case .failure(let error) where error.errno == .operationNotSupportedByDevice: return .functionTracingBroken
        // A kernel without the function tracer has no such file.
        case .success, .failure: break
        }
        if let text = kprobes.flatMap({ ControlFile.optionalText(of: $0) }), ControlFile.leadingNumber(text) == 0 {
            return .kprobesOff
        }
        return nil
    }

    /// Whether probes at the entry of a function are calls of the function tracer (CONFIG_KPROBES_ON_FTRACE), as on x86,
    /// powerpc, s390 and riscv, or breakpoints, as on arm64.
    private var usesFunctionTracer: Bool {
        // Asked only where the switch is off, as the list is long. What cannot be read may be so.
        guard let symbols = try? ControlFile.bytes(of: kallsyms, "read") else { return true }
        return symbols.split(separator: UInt8(ascii: "\n")).contains { $0.ends(with: " kprobe_ftrace_handler") }
    }

    /// Makes sure that a probe that is armed now will fire.
    func checkArming() throws(TraceFSError) {
        if let obstacle { throw error(obstacle, "arm probes") }
    }

    /// Makes sure that an armed probe can be disarmed without harm to the kernel.
    func checkDisarming() throws(TraceFSError) {
        switch obstacle {
        case .functionTracingOff?: throw error(.functionTracingOff, "disarm probes")
        case .functionTracingBroken?: throw error(.functionTracingBroken, "disarm probes")
        // A probe that is not armed can be taken away.
        case .kprobesOff?, nil: return
        }
    }

    private func error(_ obstacle: Obstacle, _ action: String) -> TraceFSError {
        let path = obstacle == .kprobesOff ? kprobes : functionTracing
        return TraceFSError(
            .switchedOff, action, path: path, kernelMessage: obstacle.description, remedy: obstacle.remedy)
    }
}

extension ProbeSwitches.Obstacle: CustomStringConvertible {
    /// What is off, and what that means.
    package var description: String {
        switch self {
        case .functionTracingOff:
            "function tracing is off (kernel.ftrace_enabled=0): no probe fires, and arming or disarming one now would "
                + "make the kernel fail later"
        case .functionTracingBroken:
            "the kernel stopped its function tracer after an internal error (dmesg shows it): probes can be neither "
                + "armed nor removed until the machine is booted again"
        case .kprobesOff: "all kprobes are switched off: no probe fires"
        }
    }

    /// What to do about it.
    package var remedy: String {
        switch self {
        case .functionTracingOff: "sysctl kernel.ftrace_enabled=1"
        case .functionTracingBroken: "boot the machine again"
        case .kprobesOff: "echo 1 > /sys/kernel/debug/kprobes/enabled"
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func ends(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount
            && suffix(text.utf8CodeUnitCount).elementsEqual(
                UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
