internal import SystemPackage
internal import PlainText

/// An event as the kernel describes it.
package struct EventDescription: Sendable, Hashable {
    /// Its group and name.
    package var name: EventName
    /// The number in the records. Numbers of removed events are given out again: good for this session only.
    package var id: Int
    /// The text of its `format` file.
    package var format: String
}

extension BufferDirectory {
    /// Whether there is such an event.
    package func has(event: EventName) -> Bool {
        has("events/\(event)")
    }

    /// The number and the format of an event.
    package func describe(_ event: EventName) throws(TraceFSError) -> EventDescription {
        let format = try text("events/\(event)/format")
        guard let id = ControlFile.leadingNumber(try text("events/\(event)/id")) else {
            throw TraceFSError(.system, "read the number of an event", path: "\(path)/events/\(event)/id")
        }
        return EventDescription(name: event, id: id, format: format)
    }

    /// All events of a group, by name in alphabetical order.
    package func describe(group: String) throws(TraceFSError) -> [EventDescription] {
        var all: [EventDescription] = []
        for name in try ControlFile.names(in: "\(path)/events/\(group)", "list the events of \(group)").sorted()
        where has("events/\(group)/\(name)/format") {
            all.append(try describe(EventName(group: group, event: name)))
        }
        return all
    }

    /// The events that are on in this buffer.
    package func enabledEvents() throws(TraceFSError) -> Set<EventName> {
        // GROUP:EVENT a line.
        Set(try text("set_event").split(separator: "\n").compactMap { EventName($0.substituting(":", with: "/")) })
    }

    /// Enables an event in this buffer, or disables it.
    package func enable(_ event: EventName, _ on: Bool = true) throws(TraceFSError) {
        try set("events/\(event)/enable", to: on ? "1" : "0")
    }

    /// Enables all events of a group in this buffer, or disables them.
    package func enable(group: String, _ on: Bool = true) throws(TraceFSError) {
        try set("events/\(group)/enable", to: on ? "1" : "0")
    }

    /// Disables every event in this buffer.
    package func disableAllEvents() throws(TraceFSError) {
        try set("events/enable", to: "0")
    }

    /// Lets only records through for which the expression holds, as in `common_pid == 12`; "0" takes the filter away.
    /// The kernel takes it for one event; a filtered record costs a place in the buffer for a moment.
    package func setFilter(_ expression: String, on event: EventName) throws(TraceFSError) {
        do {
            try set("events/\(event)/filter", to: expression)
        } catch {
            var error = error
            // The event's own file repeats a bad expression and points at the fault; error_log does so for all.
            if let log = ControlFile.optionalText(of: "\(path)/error_log"),
                let entry = ErrorLog(log).entry(for: expression)
            {
                error.kernelMessage = entry.text
            } else if let own = ControlFile.optionalText(of: "\(path)/events/\(event)/filter"), own.holds("^") {
                error.kernelMessage = own
            }
            throw error
        }
    }
}
