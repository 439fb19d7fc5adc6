/// A form in which events can be written.
package enum OutputFormat: String, CaseIterable, Sendable {
    case text
    case json
    case csv
}
