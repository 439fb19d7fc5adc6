internal import ArgumentParser
internal import SocketEvents

/// What of sockets is wanted besides.
struct FieldArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Add these fields to JSON and CSV, separated by commas: \(Self.known).",
            discussion: "A recording has those that `record` was given.", valueName: "names"),
        completion: .list(OptionalField.allCases.map(\.rawValue)))
    var fields: [String] = []

    private static var known: String {
        OptionalField.allCases.map { "\($0.rawValue) (\($0.summary))" }.joined(separator: ", ")
    }

    mutating func validate() throws { _ = try optionalFields() }

    /// Each once, in their order.
    func optionalFields() throws -> [OptionalField] {
        var found: [OptionalField] = []
        for name in fields.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
            guard let field = OptionalField(rawValue: name.lowercased()) else {
                let known = OptionalField.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("unknown field '\(name)'\nknown: \(known)")
            }
            if !found.contains(field) { found.append(field) }
        }
        return found
    }

    /// Says which of them recordings do not have, so that they are unknown in every event.
    func nameMissing(in inputs: borrowing ReportInputs) throws {
        for field in try optionalFields() {
            guard let silent = inputs.files.first(where: { !$0.shownFields.contains(field) }) else { continue }
            Messages.say("\(silent.name) has no \(field.rawValue)\nFix: record with --fields \(field.rawValue)")
        }
    }
}
