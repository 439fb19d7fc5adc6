/// The full name of an event: its group, which is a directory below `events`, and its own name.
package struct EventName: Sendable, Hashable, CustomStringConvertible {
    /// The group, also called system.
    package var group: String
    /// The name within the group.
    package var event: String

    /// Names an event.
    package init(group: String, event: String) {
        self.group = group
        self.event = event
    }

    /// From `GROUP/EVENT`; nil where it is not of that form.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(group: String(parts[0]), event: String(parts[1]))
    }

    /// As tracefs writes it, `group/event`.
    package var description: String { "\(group)/\(event)" }
}

/// One line of `dynamic_events` or `kprobe_events`: a probe that somebody defined.
package struct EventDefinition: Sendable, Hashable {
    /// What is before the colon without numbers: `p`, `r`, `f`, `e`, `t`, `s`.
    package var kind: String
    /// The event that fires.
    package var name: EventName
    /// The line itself, as the kernel shows it; ``DynamicEvents/add(_:)`` takes it back.
    package var text: String

    /// Reads a definition in full, group and event included; nil for anything else.
    package init?(_ line: some StringProtocol) {
        let words = line.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
        guard let first = words.first, let colon = first.firstIndex(of: ":") else { return nil }
        let name = first[first.index(after: colon)...].split(separator: "/", omittingEmptySubsequences: false)
        guard name.count == 2, !name[0].isEmpty, !name[1].isEmpty else { return nil }
        let kind = first[..<colon].prefix { $0.isLetter }
        guard !kind.isEmpty, first[..<colon].dropFirst(kind.count).allSatisfy({ $0.isNumber }) else { return nil }
        self.kind = String(kind)
        self.name = EventName(group: String(name[0]), event: String(name[1]))
        self.text = String(line)
    }
}
