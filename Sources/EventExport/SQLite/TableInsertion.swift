internal import BasicContainers
internal import CSQLite

/// Puts rows into a table, several at once: beginning and ending a statement, and finding the table's end, cost as much as
/// the row itself.
struct TableInsertion: ~Copyable {
    static let rowsAtOnce = 16

    private let one: Statement
    private let many: Statement
    private let columns: Int
    /// By column: what the row has, and its copied text.
    private var values: UniqueArray<RowBlock.Value>
    private var texts: UniqueArray<UniqueArray<UInt8>>
    /// By place in `many`, and behind them of `one`: columns that have another value than what is bound there.
    private var stale: InlineArray<17, UInt64>
    private var code = SQLITE_OK

    /// - Parameters:
    ///   - one: inserts a row.
    ///   - many: inserts so many.
    ///   - columns: at most 64.
    init(one: consuming Statement, many: consuming Statement, columns: Int) {
        self.one = one
        self.many = many
        self.columns = columns
        values = UniqueArray(repeating: .null, count: columns)
        texts = UniqueArray(minimumCapacity: columns)
        for _ in 0..<columns { texts.append(UniqueArray()) }
        stale = InlineArray(repeating: 0)
    }

    /// - Returns: SQLite's code.
    mutating func insert(_ block: borrowing RowBlock) -> Int32 {
        let inGroups = block.ends.count - block.ends.count % Self.rowsAtOnce
        var next = 0
        for row in block.ends.indices {
            let end = Int(block.ends[row])
            take(block, next..<end)
            next = end
            let place = row < inGroups ? row % Self.rowsAtOnce : Self.rowsAtOnce
            bind(at: place)
            if place == Self.rowsAtOnce { note(one.run()) }
            if place == Self.rowsAtOnce - 1 { note(many.run()) }
            if code != SQLITE_OK { return code }
        }
        return code
    }

    /// Takes what a row has anew.
    @inline(__always)
    private mutating func take(_ block: borrowing RowBlock, _ changes: Range<Int>) {
        var changed: UInt64 = 0
        for index in changes {
            let column = Int(block.changes[index].column)
            values[column] = block.changes[index].value
            changed |= 1 << UInt64(column)
            guard case .text(let begin, let count) = values[column] else { continue }
            texts[column].removeAll(keepingCapacity: true)
            texts[column].append(copying: block.bytes.span.extracting(Int(begin)..<Int(begin + count)))
        }
        for place in stale.indices { stale[place] |= changed }
    }

    /// Binds the row's values at a place.
    @inline(__always)
    private mutating func bind(at place: Int) {
        let isAlone = place == Self.rowsAtOnce
        let statement = isAlone ? one.pointer : many.pointer
        let first = isAlone ? 1 : place * columns + 1
        var left = stale[place]
        stale[place] = 0
        while left != 0 {
            let column = left.trailingZeroBitCount
            left &= left &- 1
            note(bind(column, statement, Int32(truncatingIfNeeded: first + column)))
        }
    }

    @inline(__always)
    private func bind(_ column: Int, _ statement: OpaquePointer, _ index: Int32) -> Int32 {
        switch values[column] {
        case .null: return sqlite3_bind_null(statement, index)
        case .number(let value): return sqlite3_bind_int64(statement, index, value)
        case .constant(let place, let count):
            return sqlite3_bind_text(statement, index, UnsafePointer(bitPattern: place), count, nil)
        case .text:
            // Copied: the next row may have another before this one is written.
            let copying = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            return texts[column].span.withUnsafeBufferPointer { bytes in
                bytes.withMemoryRebound(to: CChar.self) { text in
                    guard let start = text.baseAddress, !text.isEmpty else {
                        return sqlite3_bind_text(statement, index, "", 0, copying)
                    }
                    return sqlite3_bind_text(statement, index, start, Int32(clamping: text.count), copying)
                }
            }
        }
    }

    @inline(__always)
    private mutating func note(_ result: Int32) {
        if result != SQLITE_OK { code = result }
    }
}
