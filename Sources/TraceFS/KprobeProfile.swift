internal import LinuxSystem

/// How often each probe of a group fired and how often it could not, from `kprobe_profile`.
package struct KprobeProfile: Sendable, Equatable {
    /// The counts of one event.
    package struct Counts: Sendable, Equatable {
        /// Times the probe ran.
        package var hits: UInt64
        /// Times it could not: a return probe with all its `maxactive` places taken, or a probe hit inside another
        /// (`probes_profile_seq_show`, kernel/trace/trace_kprobe.c). Such a miss leaves no other trace.
        package var missed: UInt64

        /// Names both counts.
        package init(hits: UInt64, missed: UInt64) {
            self.hits = hits
            self.missed = missed
        }
    }

    /// The counts by event name.
    package var events: [String: Counts]

    /// All misses together.
    package var missed: UInt64 { events.values.reduce(0) { $0 &+ $1.missed } }

    /// Reads lines of `  NAME   HITS   MISSED` for one group.
    ///
    /// The profile tells no groups; `kprobe_events` lists the same probes in the same order and does. Should the two
    /// not agree, as when somebody changed probes between the two reads, names alone decide, and an event of the same
    /// name in another group is counted along.
    package init(profile: String, definitions: [EventDefinition], group: String) {
        let rows = profile.split(separator: "\n").compactMap { Self.row($0) }
        let ours = Set(definitions.lazy.filter { $0.name.group == group }.map(\.name.event))
        let aligned = rows.map(\.name) == definitions.map(\.name.event)
        events = [:]
        for (place, row) in rows.enumerated() {
            guard aligned ? definitions[place].name.group == group : ours.contains(row.name) else { continue }
            // One event may have several probes, one row each.
            let before = events[row.name] ?? Counts(hits: 0, missed: 0)
            events[row.name] = Counts(hits: before.hits &+ row.hits, missed: before.missed &+ row.missed)
        }
    }

    private static func row(_ line: Substring) -> (name: String, hits: UInt64, missed: UInt64)? {
        let words = line.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map { Substring($0) }
        guard words.count == 3, let hits = UInt64(words[1]), let missed = UInt64(words[2]) else { return nil }
        return (String(words[0]), hits, missed)
    }
}

extension DynamicEvents {
    /// The hits and misses of a group's kprobes so far; nil where the kernel keeps none. Read it before the probes are
    /// taken away.
    package func profile(of group: String) throws(TraceFSError) -> KprobeProfile? {
        let path = directory.path + "/kprobe_profile"
        guard Files.exists(path) else { return nil }
        let profile = try ControlFile.text(of: path, "read the hits and misses of the probes")
        let listing = try ControlFile.text(of: directory.path + "/kprobe_events", "list the kprobes")
        return KprobeProfile(
            profile: profile, definitions: listing.split(separator: "\n").compactMap { EventDefinition($0) },
            group: group)
    }
}
