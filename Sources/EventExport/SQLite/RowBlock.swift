internal import BasicContainers

/// Rows of one table on their way into it: of each row what differs from the one before.
struct RowBlock: ~Copyable, Sendable {
    /// A column's new value.
    struct Change: Sendable {
        let column: UInt8
        let value: Value
    }

    /// What a column can hold.
    enum Value: Sendable, Equatable {
        case null
        case number(Int64)
        /// A text that stays where it is.
        case constant(UInt, count: Int32)
        /// A text among the block's bytes.
        case text(at: Int32, count: Int32)
    }

    /// The table, among those of the schema.
    let table: Int
    /// By row: how many changes there are up to its end.
    private(set) var ends = UniqueArray<Int32>()
    private(set) var changes = UniqueArray<Change>()
    private(set) var bytes = UniqueArray<UInt8>()

    /// Rows that are worth a wake-up of the thread that writes them.
    private static let rowLimit = 512
    private static let byteLimit = 256 << 10

    init(table: Int) { self.table = table }

    /// It should be passed on.
    var isFull: Bool { ends.count >= Self.rowLimit || bytes.count >= Self.byteLimit }

    @inline(__always)
    mutating func change(_ column: Int, to value: Value) {
        changes.append(Change(column: UInt8(truncatingIfNeeded: column), value: value))
    }

    /// Gives a column a text, which is copied.
    mutating func change(_ column: Int, toText text: UnsafeRawBufferPointer) {
        let begin = Int32(clamping: bytes.count)
        bytes.append(copying: text.bindMemory(to: UInt8.self))
        change(column, to: .text(at: begin, count: Int32(clamping: text.count)))
    }

    /// Ends a row.
    @inline(__always)
    mutating func endRow() { ends.append(Int32(clamping: changes.count)) }

    /// Drops the rows and keeps the memory.
    mutating func clear() {
        ends.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }
}
