internal import LinuxSystem

/// How far the kernel is locked against its own administrator.
package enum Lockdown: String, Sendable, CaseIterable {
    /// Not at all.
    case none
    /// Against changes; tracing works.
    case integrity
    /// Also against being looked into: tracefs stays shut.
    case confidentiality
}

/// A few facts about the machine, for `doctor` and for messages.
package struct SystemInfo: Sendable, Equatable {
    /// The kernel's release, as in `6.1.0-37-amd64`: for people, never to choose features by.
    package var release: String
    /// The kernel's build, as in `#1 SMP PREEMPT_DYNAMIC …`.
    package var version: String
    /// The processor family, as in `x86_64`.
    package var machine: String
    /// The name of the machine.
    package var nodeName: String
    /// Whether the effective user is root.
    package var isRoot: Bool
    /// The lockdown mode; nil when the kernel has none or securityfs is not mounted.
    package var lockdown: Lockdown?
    /// `kernel.kptr_restrict`: at 2 even root sees no addresses in /proc/kallsyms; nil when unknown.
    package var pointerRestriction: Int?
    /// CPUs that the kernel could have, and so per-CPU buffers.
    package var possibleCPUs: Int?
    /// CPUs at work now.
    package var onlineCPUs: Int?

    /// Looks at the running system; what cannot be read is nil.
    package static func current() -> SystemInfo {
        let kernel = KernelName.current
        return SystemInfo(
            release: kernel.release, version: kernel.version, machine: kernel.machine, nodeName: kernel.nodeName,
            isRoot: CurrentProcess.effectiveUser == 0, lockdown: lockdown(),
            pointerRestriction: ControlFile.optionalText(of: "/proc/sys/kernel/kptr_restrict")
                .flatMap { ControlFile.leadingNumber($0) },
            possibleCPUs: ControlFile.optionalText(of: "/sys/devices/system/cpu/possible").flatMap {
                count(ofList: $0)
            },
            onlineCPUs: ControlFile.optionalText(of: "/sys/devices/system/cpu/online").flatMap { count(ofList: $0) })
    }

    /// Whether the numbers of tasks are the kernel's own here, as they are in records: not so in most containers.
    package static func hasKernelsTaskNumbers(proc: String = "/proc") -> Bool {
        // A kernel without namespaces (CONFIG_PID_NS) has no other numbers.
        guard let target = Files.linkTarget("\(proc)/self/ns/pid") else { return true }
        // PROC_PID_INIT_INO in include/linux/proc_ns.h.
        return target == "pid:[\(0xeffffffc as UInt32)]"
    }

    /// The mode in brackets, as in `none [integrity] confidentiality`.
    static func lockdown(path: String = "/sys/kernel/security/lockdown") -> Lockdown? {
        guard let text = ControlFile.optionalText(of: path) else { return nil }
        let chosen = text.split { $0 == " " || $0 == "\n" }.first { $0.hasPrefix("[") && $0.hasSuffix("]") }
        return chosen.flatMap { Lockdown(rawValue: String($0.dropFirst().dropLast())) }
    }

    /// How many numbers a list such as `0-3,8` names.
    static func count(ofList text: String) -> Int? {
        var count = 0
        for range in text.split(whereSeparator: { $0 == "," || $0 == "\n" }) {
            let ends = range.split(separator: "-").map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, last >= first else { return nil }
            count += last - first + 1
        }
        return count
    }
}
