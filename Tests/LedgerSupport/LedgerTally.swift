/// What a comparison came to, in numbers and in words.
package struct LedgerTally: Sendable {
    /// Lines of the ledger.
    package var operations = 0
    /// Events that had to be told.
    package var expected = 0
    /// Events that the ledger has and the trace has not.
    package var missed = 0
    /// Events that the trace has and the ledger has not.
    package var extra = 0
    /// Events with an argument that is not what the ledger says.
    package var wrong = 0
    /// Every difference, in words.
    package var differences: [String] = []

    package init() {}

    /// Nothing missed, extra or wrong.
    package var isExact: Bool { differences.isEmpty && missed == 0 && extra == 0 && wrong == 0 }
}
