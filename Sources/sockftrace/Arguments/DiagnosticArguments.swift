internal import ArgumentParser
internal import Logging

/// How much to say about what is going on.
struct DiagnosticArguments: ParsableArguments {
    @Flag(name: [.long, .customShort("v")], help: "Say on standard error what is being done.")
    var verbose = false

    /// A logger for the command, which writes to standard error.
    func logger() -> Logger {
        var logger = Logger(label: "sockftrace") { _ in MessageLogHandler() }
        logger.logLevel = verbose ? .debug : .warning
        return logger
    }
}

/// Writes log records as messages.
struct MessageLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let facts = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        Messages.say("\(event.level): \(event.message)\(facts)")
    }
}
