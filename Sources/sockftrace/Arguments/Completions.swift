internal import ArgumentParser
internal import EventOutput
internal import SocketEvents
internal import SocketNames

/// What a shell offers behind an option.
enum Completions {
    /// Any file: one of several that record went on in ends in a number.
    static let recordings = CompletionKind.file()
    static let probes = CompletionKind.list(Alias.helpNames)
    static let families = CompletionKind.list(names(AddressFamilyNames.number(of:)))
    static let protocols = CompletionKind.list(names(ProtocolSelector.parse))
    static let types = CompletionKind.list(names(SocketTypeNames.number(of:)))
    static let errors = CompletionKind.list(names(ErrorNames.number(of:)))
    static let columns = CompletionKind.list(TextColumn.allCases.map(\.rawValue))
    static let exclusions = CompletionKind.list(EventFilter.Exclusion.kinds.map { $0 + "=" })
    static let groupings = CompletionKind.list(SummaryArguments.groupingNames)
    // No pattern, which fish would expand by its own rules, and no colon, at which zsh would end the command.
    static let processes = CompletionKind.shellCommand("ls /proc | grep '^[0-9]'")
    static let users = CompletionKind.shellCommand("sed 's/[^a-zA-Z0-9._-].*//' /etc/passwd")

    /// All names that a look-up knows: those that it tells when it is asked for none.
    private static func names<Value>(_ lookUp: (String) throws(UnknownNameError) -> Value) -> [String] {
        do throws(UnknownNameError) {
            _ = try lookUp("")
            return []
        } catch {
            return error.valid
        }
    }
}
