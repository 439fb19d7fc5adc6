package import KernelLayout
internal import SocketEvents
internal import ProbeContract

/// Which functions to probe on the running kernel, and what to fetch there.
package struct ProbePlan: Sendable, Equatable {
    /// What is to be installed.
    package var probes: [ProbeDefinition]
    /// Probes by which sockets are found that were there before; they are on only while they are looked for.
    package var snapshot: [ProbeDefinition] = []
    /// Events that the kernel has of itself, `SYSTEM/EVENT`.
    package var tracepoints: [String] = []
    /// What was chosen for each call path, in words, for `list` and `doctor`.
    package var choices: [Choice]
    /// Where the fields are that the probes fetch.
    package var layout: StructLayout

    /// A call path and the functions that show it.
    package struct Choice: Sendable, Equatable {
        /// The calls that take it, such as `send, sendto`.
        package var callPath: String
        /// The functions that show it, none where nothing does.
        package var functions: [String]

        /// A call path and what shows it.
        package init(callPath: String, functions: [String]) {
            self.callPath = callPath
            self.functions = functions
        }
    }
}

extension ProbePlan {
    /// It has probes at functions.
    package var probesFunctions: Bool { probes.contains { $0.kind != .event } }

    /// Where the values of its events come from, in words.
    package var origin: String {
        !probes.isEmpty
            ? "field offsets \(layout.origin)"
            : "fields from the kernel's tracepoints (unknown: all but size, success, family, protocol)"
    }
}

extension ProbePlan {
    /// Calls under way at a time of which the kernel can tell the return, for each function in which a thread may wait:
    /// KRETPROBE_MAXACTIVE_MAX (kernel/trace/trace_kprobe.c). A thread that sleeps in recv holds an instance for as long
    /// as it sleeps, and an instance costs about a hundred bytes.
    package static let maxActive = 4096
    /// The same for each function that waits for nobody. About half are of this kind: 8 MB of the kernel's memory.
    package static let maxActiveOfBrief = 256

    /// Chooses functions for every call path that the wanted aliases need.
    package init(for request: PlanRequest) {
        let planner = Planner(request)
        probes = planner.probes
        snapshot = planner.snapshot
        tracepoints = planner.tracepoints
        choices = planner.choices
        layout = request.layout
    }

    /// Does without a probe that the kernel does not take, and so without its function. An event of the kernel's is there
    /// without one, too.
    package mutating func remove(_ probe: ProbeDefinition) {
        guard probe.kind == .event else {
            probes.removeAll { $0.symbol == probe.symbol }
            for index in choices.indices { choices[index].functions.removeAll { $0 == probe.symbol } }
            return
        }
        probes.removeAll { $0.event == probe.event }
        if probe.replacesEvent { tracepoints.append(probe.symbol) }
    }
}
