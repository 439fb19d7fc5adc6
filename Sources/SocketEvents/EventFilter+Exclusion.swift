public import SocketNames

extension EventFilter {
    /// What an event must not be. What is not known is nothing of it.
    public enum Exclusion: Sendable, Equatable {
        case alias(Alias)
        case comm(NamePattern)
        case process(Int32)
        case family(Int32)
        case `protocol`(ProtocolSelector)
        case type(Int32)
        case error(Int32)

        /// What can stand before the `=`.
        package static let kinds = ["probe", "comm", "pid", "family", "protocol", "type", "error", "port", "address"]

        /// Those that a text such as `error=EAGAIN` means; a protocol's name can be that of two.
        public static func parse(_ text: String) throws(UnknownNameError) -> [Exclusion] {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw UnknownNameError(kind: "exclusion", text: text, valid: examples) }
            let value = parts[1]
            switch parts[0].lowercased() {
            case "probe", "name", "event": return [.alias(try Alias.named(value))]
            case "comm": return [.comm(NamePattern(value))]
            case "pid":
                guard let process = Int32(value), process > 0 else {
                    throw UnknownNameError(kind: "process number", text: value, valid: ["numbers greater than 0"])
                }
                return [.process(process)]
            case "family": return [.family(try AddressFamilyNames.number(of: value))]
            case "protocol": return try ProtocolSelector.parse(value).map { .protocol($0) }
            case "type": return [.type(try SocketTypeNames.number(of: value))]
            case "error": return [.error(try ErrorNames.number(of: value))]
            default: throw UnknownNameError(kind: "exclusion", text: parts[0], valid: kinds)
            }
        }

        private static let examples = ["error=EAGAIN", "comm=ssh*", "protocol=UDP", "and the like"]

        func matches(_ event: borrowing SocketEvent) -> Bool {
            switch self {
            case .alias(let alias): return event.alias == alias
            case .comm(let pattern):
                guard let comm = event.comm else { return false }
                return pattern.matches(comm)
            case .process(let process): return event.pid == process
            case .family(let family): return event.family == family
            case .protocol(let selector): return selector.matches(protocol: event.protocol, family: event.family)
            case .type(let type): return event.type == type
            case .error(let error): return event.errorNumber == error
            }
        }
    }

    /// Adds what must not be, as in `error=EAGAIN`, `port=22` or `address=10.0.0.0/8`.
    public mutating func add(exclusion text: String) throws(UnknownNameError) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        switch (parts.first?.lowercased(), parts.dropFirst().first) {
        case ("port", let port?): ends.excluded.append(try EndpointPattern(":" + port))
        case ("address", let end?): ends.excluded.append(try EndpointPattern(end))
        default: exclusions += try Exclusion.parse(text)
        }
    }

    /// Adds an error by name or number: only operations that failed with one of them pass.
    public mutating func add(error: String) throws(UnknownNameError) {
        errors.append(try ErrorNames.number(of: error))
    }
}
