internal import BasicContainers

/// Makes rows of one table. A value that is the same as in the row before is not handed over again.
struct RowWriter: ~Copyable {
    private let thread: DatabaseThread
    private var block: RowBlock
    /// By column: what it has now; a text that was copied is never the same.
    private var kept: UniqueArray<RowBlock.Value>

    /// - Parameter thread: who writes them.
    init(_ table: SchemaTable, of thread: DatabaseThread) {
        self.thread = thread
        block = RowBlock(table: thread.number(of: table))
        kept = UniqueArray(repeating: .null, count: table.columns.count)
    }

    /// Gives a column, counted from 0, a number, or nothing.
    @inline(__always)
    mutating func set(_ column: Int, _ value: Int64?) {
        if let value { set(column, .number(value)) } else { set(column, .null) }
    }

    /// The same for an unsigned number; nil where it does not fit into a signed one.
    @inline(__always)
    mutating func set(_ column: Int, _ value: UInt64?) { set(column, value.flatMap { Int64(exactly: $0) }) }

    @inline(__always)
    mutating func set(_ column: Int, _ value: Int32?) { set(column, value.map { Int64($0) }) }

    /// Gives a column a text that is part of the program.
    @inline(__always)
    mutating func set(_ column: Int, _ text: StaticString?) {
        guard let text else { return set(column, .null) }
        set(column, .constant(UInt(bitPattern: text.utf8Start), count: Int32(clamping: text.utf8CodeUnitCount)))
    }

    @inline(__always)
    private mutating func set(_ column: Int, _ value: RowBlock.Value) {
        guard kept[column] != value else { return }
        kept[column] = value
        block.change(column, to: value)
    }

    /// Gives a column a text, which is copied.
    mutating func set(_ column: Int, bytes: UnsafeRawBufferPointer) {
        kept[column] = .text(at: 0, count: 0)
        block.change(column, toText: bytes)
    }

    mutating func set(_ column: Int, _ text: String?) {
        guard var text else { return set(column, .null) }
        text.withUTF8 { set(column, bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Writes the row.
    @inline(__always)
    mutating func write() throws(ExportError) {
        block.endRow()
        if block.isFull { try flush() }
    }

    /// Passes on what was not passed on yet.
    mutating func flush() throws(ExportError) { try thread.write(&block) }
}
