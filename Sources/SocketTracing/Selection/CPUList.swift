/// Numbers of CPUs, as in `0,2-5`.
public struct CPUList: Sendable, Equatable {
    private var ranges: [ClosedRange<UInt32>] = []

    /// Nil where the text is no such list.
    public init?(_ text: String) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { UInt32($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else { return nil }
            ranges.append(first...last)
        }
    }

    /// Whether a CPU is in the list.
    package func contains(_ cpu: UInt32) -> Bool {
        ranges.contains { $0.contains(cpu) }
    }
}
