internal import SocketEvents
internal import Synchronization

/// Where in an output buffer the same text stands already, to be copied: what is to be said of a socket's kind is a
/// third of a line, and most lines say it in the same words as one shortly before.
struct RenderCache {
    /// What a text was made of, and where it is.
    struct Entry {
        var kind: RenderKey?
        var maker: UInt64 = 0
        var start = 0
        var count = 0
    }

    private static var size: Int { 16 }
    private var entries = InlineArray<16, Entry>(repeating: Entry())

    /// The buffer has been emptied.
    mutating func forget() { entries = InlineArray(repeating: Entry()) }

    @inline(__always)
    static func place(_ kind: RenderKey, _ maker: UInt64) -> Int {
        Int(truncatingIfNeeded: kind.hash &+ maker) & (size - 1)
    }

    subscript(index: Int) -> Entry {
        @inline(__always) _read { yield entries[index] }
        @inline(__always) _modify { yield &entries[index] }
    }

    private static let makers = Atomic<UInt64>(0)

    /// A number for whatever makes texts of kinds in a way of its own.
    static func newMaker() -> UInt64 { makers.add(2, ordering: .relaxed).newValue }
}

extension OutputBuffer {
    /// Where the text of a kind is among the contents, if it is there. (Mutating, or the compiler copies all entries to
    /// look at one.)
    @inline(__always)
    mutating func place(of kind: RenderKey, maker: UInt64) -> (start: Int, count: Int)? {
        let place = RenderCache.place(kind, maker)
        guard fragments[place].maker == maker, fragments[place].kind == kind else { return nil }
        return (fragments[place].start, fragments[place].count)
    }

    /// Appends the text of a kind, if it is among the contents; false where it is not.
    /// - Parameters:
    ///   - kind: all that the text depends on, besides the maker.
    ///   - maker: a number of its own for each way of making texts.
    @inline(__always)
    mutating func append(_ kind: RenderKey, maker: UInt64) -> Bool {
        guard let text = place(of: kind, maker: maker) else { return false }
        repeatBytes(from: text.start, count: text.count)
        return true
    }

    /// Notes that what was appended since `start` is the text of a kind.
    mutating func note(_ kind: RenderKey, maker: UInt64, since start: Int) {
        note(kind, maker: maker, at: start..<count)
    }

    /// Notes where the text of a kind is.
    mutating func note(_ kind: RenderKey, maker: UInt64, at part: Range<Int>) {
        fragments[RenderCache.place(kind, maker)] =
            RenderCache.Entry(kind: kind, maker: maker, start: part.lowerBound, count: part.count)
    }
}
