internal import ArgumentParser
internal import PlainText

/// What is said about arguments that were not understood.
enum Usage {
    /// What is wrong, and where to read how it is right: the usage itself is as long as a screen.
    static func message(for error: any Error, _ arguments: [String]) -> String {
        let full = Sockftrace.fullMessage(for: error).split(separator: "\n").map(String.init)
        // The parser knows which subcommand it was; its last line names the help of that one.
        let hint = full.last { $0.holds("--help") && $0.hasPrefix("  See") }
        return correction(of: Sockftrace.message(for: error), arguments) + "\n"
            + (hint.map { String($0.drop { $0 == " " }) } ?? "See 'sockftrace --help'.")
    }

    /// Arguments that other programs understand as those that this one does.
    static func usual(_ arguments: [String]) -> [String] {
        ["version", "-V"].contains(arguments.first) && arguments.count == 1 ? ["--version"] : arguments
    }

    /// The name after `help` where it is none of a command.
    static func unknownHelp(_ arguments: [String]) -> String? {
        guard arguments.first == "help", let name = arguments.dropFirst().first, !commandNames.contains(name) else {
            return nil
        }
        return name
    }

    /// `unknown command 'tarce'; did you mean trace?`
    static func unknownCommand(_ name: String) -> String {
        let nearest = NameArguments.nearest(to: name, among: commandNames)
        return "unknown command '\(name)'" + (nearest.map { "; did you mean \($0)?" } ?? "")
    }

    private static var commandNames: [String] {
        Sockftrace.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    }

    /// The parser's message, with what fits better: it suggests any option that is some letters away, and knows neither
    /// commands nor what they run.
    private static func correction(of message: String, _ arguments: [String]) -> String {
        if let name = quoted(after: "Unexpected argument '", in: message) {
            guard let command = arguments.first, commandNames.contains(command) else { return unknownCommand(name) }
            guard ["trace", "record", "top"].contains(command) else { return message }
            return "unexpected argument '\(name)'; to run a command, put it behind --: sockftrace \(command) -- \(name)"
        }
        if let option = quoted(after: "Unknown option '", in: message), option.hasPrefix("--") {
            let nearest = nearest(to: option, of: arguments.first)
            return "unknown option '\(option)'" + (nearest.map { "; did you mean \($0)?" } ?? "")
        }
        if let option = quoted(after: "Missing value for '", in: message)?.split(separator: " ").first,
            let place = arguments.firstIndex(of: String(option)), place + 1 < arguments.count,
            arguments[place + 1].dropFirst().first?.isNumber == true
        {
            return "\(option) must not be negative"
        }
        if let value = quoted(after: "The value '", in: message),
            let option = quoted(after: "The value '\(value)' is invalid for '", in: message)
        {
            return "\(value.isEmpty ? "an empty value" : value) is not valid for \(option)" + examples(for: option)
        }
        return message
    }

    /// What a value of an option may look like, by what its help calls it.
    private static func examples(for option: String) -> String {
        if option.hasSuffix("<time>") { return ": it must be more than 0, as in 10 (seconds), 0.5, 100ms or 5min" }
        if option.hasSuffix("<bytes>") { return ": it must be more than 0, as in 100, 64k or 1.5M" }
        return ""
    }

    private static func quoted(after start: String, in message: String) -> String? {
        guard message.hasPrefix(start) else { return nil }
        return message.dropFirst(start.count).firstIndex(of: "'").map { end in
            String(message[message.index(message.startIndex, offsetBy: start.count)..<end])
        }
    }

    /// The option of a command that begins like this one, or differs little.
    private static func nearest(to option: String, of name: String?) -> String? {
        let command = Sockftrace.configuration.subcommands.first { $0.configuration.commandName == name }
        let help = command.map { Sockftrace.helpMessage(for: $0) } ?? Sockftrace.helpMessage()
        let options = Set(
            help.split { $0.isWhitespace || "[],/()".contains($0) }.map(String.init).filter { $0.hasPrefix("--") }
        ).sorted()
        let longer = options.filter { $0.hasPrefix(option) }
        if longer.count == 1 { return longer.first }
        let names = options.map { String($0.dropFirst(2)) }
        return NameArguments.nearest(to: String(option.dropFirst(2)), among: names).map { "--" + $0 }
    }
}
