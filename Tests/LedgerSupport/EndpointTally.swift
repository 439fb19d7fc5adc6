/// What a comparison with the ledger of endpoints came to, in numbers and in words.
package struct EndpointTally: Sendable {
    /// A field that a tracer left out or got wrong, and of which event.
    package struct Field: Hashable, Comparable, CustomStringConvertible, Sendable {
        package var alias: String
        package var name: String

        package init(_ alias: String, _ name: String) {
            self.alias = alias
            self.name = name
        }

        package static func < (left: Self, right: Self) -> Bool {
            (left.alias, left.name) < (right.alias, right.name)
        }
        package var description: String { "\(alias) \(name)" }
    }

    /// Events that had to be told.
    package var expected = 0
    /// Events that the ledger has and the trace has not.
    package var missed = 0
    /// Events that the trace has and the ledger has not.
    package var extra = 0
    /// Events with a field that is not what the ledger says.
    package var wrong = 0
    /// The fields of those.
    package var wrongFields: [Field: Int] = [:]
    /// Fields that are null where the ledger knows, and that nothing excuses.
    package var unknownFields: [Field: Int] = [:]
    /// Fields that are null where the ledger knows, and that may be.
    package var excused = 0
    /// Values that were compared.
    package var compared = 0
    /// Differences in words: events missed, extra and wrong, and for each field the first that is unknown.
    package var differences: [String] = []

    package var unknown: Int { unknownFields.values.reduce(0, +) }

    /// Nothing missed, extra or wrong; what is not known is counted apart.
    package var isRight: Bool { missed == 0 && extra == 0 && wrong == 0 }

    /// One line of numbers, and one for each field that is wrong or unknown.
    package var summary: String {
        var text = """
            \(expected) events expected, \(missed) missed, \(extra) extra, \(wrong) wrong; \(compared) values compared, \
            \(unknown) unknown, \(excused) unknown and excused
            """
        for (title, fields) in [("wrong", wrongFields), ("unknown", unknownFields)] {
            for (field, count) in fields.sorted(by: { $0.key < $1.key }) { text += "\n  \(title) \(field): \(count)" }
        }
        return text
    }
}
