internal import BasicContainers
internal import CSQLite

/// A database that is written in one go and by nobody else: nothing is kept for undoing, nor waited for on the disk.
///
/// Sendable: the handle is used by whoever has it, which is one thread at a time.
struct Database: ~Copyable, @unchecked Sendable {
    private let handle: OpaquePointer
    /// By table.
    private var insertions: UniqueArray<TableInsertion?>

    /// Pages of an index that are sorted in memory: 32 MiB, what some million events take. SQLite's default goes by the
    /// cache and writes what is more to files.
    private static let isConfigured: Void = sqlite_configure(1024)

    /// Opens an empty file.
    init(path: String) throws(ExportError) {
        Self.isConfigured
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            sqlite3_close_v2(handle)
            throw ExportError(String(cString: sqlite3_errstr(code)))
        }
        self.handle = handle
        insertions = UniqueArray(minimumCapacity: Schema.tables.count)
        for _ in Schema.tables { insertions.append(nil) }
    }

    // Statements that are not finalized yet keep it open for as long.
    deinit { sqlite3_close_v2(handle) }

    /// Runs statements that answer nothing.
    func execute(_ statements: String) throws(ExportError) {
        guard sqlite3_exec(handle, statements, nil, nil, nil) == SQLITE_OK else { throw trouble }
    }

    /// Writes rows.
    mutating func insert(_ block: borrowing RowBlock) throws(ExportError) {
        if insertions[block.table] == nil {
            let table = Schema.tables[block.table]
            let one = try prepare(table.insertion(rows: 1))
            let many = try prepare(table.insertion(rows: TableInsertion.rowsAtOnce))
            insertions[block.table] = TableInsertion(one: one, many: many, columns: table.columns.count)
        }
        guard let code = insertions[block.table]?.insert(block), code != SQLITE_OK else { return }
        throw ExportError(String(cString: sqlite3_errstr(code)))
    }

    private func prepare(_ text: String) throws(ExportError) -> Statement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw trouble }
        return Statement(statement)
    }

    /// Why the last call failed.
    private var trouble: ExportError { ExportError(String(cString: sqlite3_errmsg(handle))) }
}

/// A statement, ready to run.
struct Statement: ~Copyable {
    let pointer: OpaquePointer

    fileprivate init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { sqlite3_finalize(pointer) }

    /// Runs it.
    /// - Returns: SQLite's code.
    func run() -> Int32 {
        let stepped = sqlite3_step(pointer)
        let reset = sqlite3_reset(pointer)
        return stepped == SQLITE_DONE ? reset : reset == SQLITE_OK ? stepped : reset
    }
}
