internal import CSQLite

/// A database that is written in one go and by nobody else: nothing is kept for undoing, nor waited for on the disk.
struct Database: ~Copyable {
    private let handle: OpaquePointer

    /// Opens an empty file.
    init(path: String) throws(ExportError) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            sqlite3_close_v2(handle)
            throw ExportError(String(cString: sqlite3_errstr(code)))
        }
        self.handle = handle
    }

    deinit { sqlite3_close_v2(handle) }

    /// Runs statements that answer nothing.
    func execute(_ statements: String) throws(ExportError) {
        guard sqlite3_exec(handle, statements, nil, nil, nil) == SQLITE_OK else { throw trouble }
    }

    /// A writer of rows of a table.
    func rows(of table: SchemaTable) throws(ExportError) -> RowWriter {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(
            handle, table.insertion, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw trouble }
        return RowWriter(statement, columns: table.columns.count)
    }

    /// Why the last call failed.
    private var trouble: ExportError { ExportError(String(cString: sqlite3_errmsg(handle))) }
}

/// Writes rows of one table. A value that is the same as in the row before is not handed over again.
struct RowWriter: ~Copyable {
    private let statement: OpaquePointer
    /// By column.
    private var kept: [Kept]
    private var code = SQLITE_OK

    /// What a column has now.
    private enum Kept: Equatable {
        case null
        case number(Int64)
        /// A text that stays where it is.
        case constant(UInt)
        case text
    }

    fileprivate init(_ statement: OpaquePointer, columns: Int) {
        self.statement = statement
        kept = Array(repeating: .null, count: columns)
    }

    deinit { sqlite3_finalize(statement) }

    /// Gives a column, counted from 0, a number, or nothing.
    @inline(__always)
    mutating func set(_ column: Int, _ value: Int64?) {
        guard let value else { return clear(column) }
        guard kept[column] != .number(value) else { return }
        kept[column] = .number(value)
        note(sqlite3_bind_int64(statement, Int32(truncatingIfNeeded: column + 1), value))
    }

    /// The same for an unsigned number; nil where it does not fit into a signed one.
    @inline(__always)
    mutating func set(_ column: Int, _ value: UInt64?) { set(column, value.flatMap { Int64(exactly: $0) }) }

    @inline(__always)
    mutating func set(_ column: Int, _ value: Int32?) { set(column, value.map { Int64($0) }) }

    /// Gives a column a text that is part of the program.
    @inline(__always)
    mutating func set(_ column: Int, _ text: StaticString?) {
        guard let text else { return clear(column) }
        let place = UInt(bitPattern: text.utf8Start)
        guard kept[column] != .constant(place) else { return }
        kept[column] = .constant(place)
        text.utf8Start.withMemoryRebound(to: CChar.self, capacity: text.utf8CodeUnitCount) { start in
            note(
                sqlite3_bind_text(
                    statement, Int32(truncatingIfNeeded: column + 1), start, Int32(clamping: text.utf8CodeUnitCount),
                    nil))
        }
    }

    /// Gives a column a text, which is copied.
    mutating func set(_ column: Int, bytes: UnsafeRawBufferPointer) {
        kept[column] = .text
        let copying = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let index = Int32(truncatingIfNeeded: column + 1)
        guard let start = bytes.baseAddress, !bytes.isEmpty else {
            note(sqlite3_bind_text(statement, index, "", 0, copying))
            return
        }
        let text = start.assumingMemoryBound(to: CChar.self)
        note(sqlite3_bind_text(statement, index, text, Int32(clamping: bytes.count), copying))
    }

    mutating func set(_ column: Int, _ text: String?) {
        guard var text else { return clear(column) }
        text.withUTF8 { set(column, bytes: UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    private mutating func clear(_ column: Int) {
        guard kept[column] != .null else { return }
        kept[column] = .null
        note(sqlite3_bind_null(statement, Int32(truncatingIfNeeded: column + 1)))
    }

    @inline(__always)
    private mutating func note(_ result: Int32) {
        if result != SQLITE_OK { code = result }
    }

    /// Writes the row.
    mutating func write() throws(ExportError) {
        let stepped = sqlite3_step(statement)
        let reset = sqlite3_reset(statement)
        guard code == SQLITE_OK, stepped == SQLITE_DONE, reset == SQLITE_OK else {
            throw ExportError(String(cString: sqlite3_errstr(code == SQLITE_OK ? reset : code)))
        }
    }
}
