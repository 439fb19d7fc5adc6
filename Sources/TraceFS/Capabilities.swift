internal import PlainText

/// What a kernel's tracing can do: read from the README of its tracefs and from which files are there, never from its
/// version number, as vendors move features both ways.
package struct Capabilities: Sendable, Equatable {
    /// One thing that some kernels can and others cannot. The raw value is for people and for `doctor`.
    package enum Feature: String, Sendable, CaseIterable {
        /// Probes on kernel functions (CONFIG_KPROBE_EVENTS).
        case kernelProbes = "kprobe events"
        /// Probes on user code (CONFIG_UPROBE_EVENTS).
        case userProbes = "uprobe events"
        /// Probes on entry and exit of functions by the function tracer, `f:` (CONFIG_FPROBE_EVENTS, 6.5).
        case functionProbes = "fprobe events"
        /// Probes on raw tracepoints, `t:`.
        case tracepointProbes = "tracepoint probe events"
        /// Probes on events, `e:`.
        case eventProbes = "event probes"
        /// The file `dynamic_events`, which takes every kind of definition.
        case dynamicEvents = "dynamic_events"
        /// The file `error_log`, which tells why a definition was refused.
        case errorLog = "error_log"
        /// The file `kprobe_profile`, which counts hits and misses.
        case probeProfile = "kprobe_profile"
        /// `$argN` at the entry of a function, in place of register names.
        case entryArguments = "$argN"
        /// `$argN` also where a function returns.
        case returnArguments = "$argN in return probes"
        /// `p:… SYMBOL%return` as another way to say `r:`.
        case returnSuffix = "SYMBOL%return"
        /// `rN:` with the number of calls that may be under way at a time.
        case maxActive = "maxactive"
        /// Parameters by their names (BTF).
        case namedArguments = "arguments by name (BTF)"
        /// Members of structures by their names (BTF).
        case memberAccess = "structure members by name (BTF)"
        /// Array types, `x32[8]`.
        case arrays = "array arguments"
        /// `+u0(…)`: memory of the user's.
        case userMemory = "user memory arguments"
        /// The type `ustring`.
        case userString = "ustring"
        /// The type `symstr`.
        case symbolString = "symstr"
        /// `@SYMBOL`: kernel data by name.
        case symbolData = "@symbol arguments"
        /// The variable `$comm`.
        case taskName = "$comm"
        /// Separate buffers, `instances`.
        case instances = "instances"
        /// The file `set_event_pid`.
        case eventPids = "set_event_pid"
        /// The file `set_event_notrace_pid`.
        case excludedPids = "set_event_notrace_pid"
        /// The option `event-fork`: children are added to `set_event_pid`.
        case followForks = "event-fork"
        /// The option `record-tgid`: the process of each thread is kept.
        case recordProcesses = "record-tgid"
        /// The file `buffer_percent`: how full a buffer is when poll(2) wakes.
        case bufferPercent = "buffer_percent"
        /// The file `buffer_subbuf_size_kb`: sub-buffers larger than a page.
        case subBufferSize = "buffer_subbuf_size_kb"
    }

    /// What it can.
    package var features: Set<Feature>

    /// Names the features outright.
    package init(_ features: Set<Feature>) {
        self.features = features
    }

    /// Whether the kernel has a feature.
    package func has(_ feature: Feature) -> Bool {
        features.contains(feature)
    }

    /// Reads the features off a README (`readme_msg`, kernel/trace/trace.c), the names in the tracing directory and
    /// the names in its `options`.
    package init(readme: String, files: Set<String>, options: Set<String> = []) {
        var found: Set<Feature> = []
        let lines = readme.split(separator: "\n").map { line in
            line.drop { $0 == " " || $0 == "\t" }
        }
        func says(_ prefix: String, _ part: String = "") -> Bool {
            lines.contains { $0.hasPrefix(prefix) && $0.holds(part) }
        }
        // The fetch-arguments run over several lines, from "args:" to the list of types.
        let fetch = lines.drop { !$0.hasPrefix("args:") }.prefix { !$0.hasPrefix("type:") }
        let types = lines.drop { !$0.hasPrefix("type:") }.prefix(4)

        if files.contains("kprobe_events") || says("kprobe_events") { found.insert(.kernelProbes) }
        if files.contains("uprobe_events") || says("uprobe_events") { found.insert(.userProbes) }
        if says("f[:") || says("f[") { found.insert(.functionProbes) }
        if says("t[:") { found.insert(.tracepointProbes) }
        if says("e[:") { found.insert(.eventProbes) }
        for (file, feature) in [
            ("dynamic_events", Feature.dynamicEvents), ("error_log", .errorLog), ("kprobe_profile", .probeProfile),
            ("instances", .instances), ("set_event_pid", .eventPids), ("set_event_notrace_pid", .excludedPids),
            ("buffer_percent", .bufferPercent), ("buffer_subbuf_size_kb", .subBufferSize),
        ] where files.contains(file) {
            found.insert(feature)
        }
        if options.contains("event-fork") { found.insert(.followForks) }
        if options.contains("record-tgid") { found.insert(.recordProcesses) }

        // The fetch syntax is the same for every kind of probe, so the text lists it even on a kernel with uprobes only.
        if fetch.contains(where: { $0.holds("$arg<N>") && !$0.hasPrefix("kernel return") }) {
            found.insert(.entryArguments)
        }
        if fetch.contains(where: { $0.hasPrefix("kernel return probes support:") && $0.holds("$arg<N>") }) {
            found.insert(.returnArguments)
        }
        if fetch.contains(where: { $0.holds("<argname>") }) { found.insert(.namedArguments) }
        if fetch.contains(where: { $0.holds("<argname>[->") }) { found.insert(.memberAccess) }
        if fetch.contains(where: { $0.holds("+|-[u]<offset>") }) { found.insert(.userMemory) }
        if fetch.contains(where: { $0.holds("@<symbol>") }) { found.insert(.symbolData) }
        if fetch.contains(where: { $0.holds("$comm") }) { found.insert(.taskName) }
        if types.contains(where: { $0.holds("ustring") }) { found.insert(.userString) }
        if types.contains(where: { $0.holds("symstr") }) { found.insert(.symbolString) }
        if types.contains(where: { $0.holds("<array-size>") }) { found.insert(.arrays) }
        if found.contains(.kernelProbes) {
            if says("r[maxactive]") { found.insert(.maxActive) }
            // 5.10 writes "place (kretprobe): …%return"; uprobes have a line of their own with the same suffix.
            if says("place (kretprobe)", "%return") || says("place (kprobe)", "%return") { found.insert(.returnSuffix) }
        }
        features = found
    }
}
