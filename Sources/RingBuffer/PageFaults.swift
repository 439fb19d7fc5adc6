/// What is wrong with a sub-buffer.
@usableFromInline
package enum PageFault: Int, CaseIterable, Sendable {
    /// Its header claims more data than it has room for.
    case tooMuchData
    /// A record ends beyond the data.
    case recordTooLong
    /// A record's length is less than that of its own header.
    case impossibleLength
    /// The data end within a record's header.
    case headerCut
}

/// Malformed sub-buffers of one stream: how many of each kind, and where the first was.
@usableFromInline
package struct PageFaults: Sendable, Equatable {
    /// Where a fault is.
    @usableFromInline
    package struct Place: Sendable, Equatable {
        @usableFromInline package var fault: PageFault
        /// In bytes from the start of the stream's first sub-buffer.
        @usableFromInline package var offset: Int
    }

    /// By the kinds' numbers.
    private var counts = SIMD4<UInt32>()
    /// The first of all.
    @usableFromInline package private(set) var first: Place?

    /// None so far.
    package init() {}

    /// How many there are of one kind.
    @usableFromInline package subscript(fault: PageFault) -> Int { Int(counts[fault.rawValue]) }

    /// How many there are of any kind.
    @usableFromInline package var count: Int { PageFault.allCases.reduce(0) { $0 + self[$1] } }

    mutating func note(_ fault: PageFault, at offset: Int) {
        counts[fault.rawValue] &+= 1
        if first == nil { first = Place(fault: fault, offset: offset) }
    }
}
