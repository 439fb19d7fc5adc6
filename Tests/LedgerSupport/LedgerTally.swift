/// What a comparison came to, in numbers and in words.
public struct LedgerTally: Sendable {
    /// Lines of the ledger.
    public var operations = 0
    /// Events that had to be told.
    public var expected = 0
    /// Events that the ledger has and the trace has not.
    public var missed = 0
    /// Events that the trace has and the ledger has not.
    public var extra = 0
    /// Events with an argument that is not what the ledger says.
    public var wrong = 0
    /// Every difference, in words.
    public var differences: [String] = []

    public init() {}

    /// Nothing missed, extra or wrong.
    public var isExact: Bool { differences.isEmpty && missed == 0 && extra == 0 && wrong == 0 }
}
