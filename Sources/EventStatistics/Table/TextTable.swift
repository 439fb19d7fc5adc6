internal import EventOutput
internal import SocketNames

/// A summary as aligned columns, each as wide as its widest cell.
struct SummaryTextTable {
    private let columns: [Column]

    private struct Column {
        var title: StaticString
        var isRight = true
        /// Appends the cell and returns how many columns of a terminal it takes, where that is not its bytes.
        var cell: @Sendable (SummaryRow, inout OutputBuffer) -> Int?
    }

    init(dimensions: Set<SummaryDimension>) {
        columns = SummaryDimension.shown.filter(dimensions.contains).map(Self.column(of:)) + Self.counts
    }

    func render(_ rows: [SummaryRow], into out: inout OutputBuffer) {
        let widths = columns.map { column in
            var cell = OutputBuffer(capacity: 64)
            return rows.reduce(Self.width(of: column.title)) { widest, row in
                cell.clear()
                return max(widest, column.cell(row, &cell) ?? cell.count)
            }
        }
        var cell = OutputBuffer(capacity: 64)
        for (index, column) in columns.enumerated() {
            cell.clear()
            cell.append(column.title)
            append(cell, Self.width(of: column.title), at: index, widths, into: &out)
        }
        out.append(UInt8(ascii: "\n"))
        for row in rows {
            for (index, column) in columns.enumerated() {
                cell.clear()
                let columns = column.cell(row, &cell) ?? cell.count
                append(cell, columns, at: index, widths, into: &out)
            }
            out.append(UInt8(ascii: "\n"))
        }
    }

    private func append(
        _ cell: borrowing OutputBuffer, _ width: Int, at index: Int, _ widths: [Int], into out: inout OutputBuffer
    ) {
        let isLast = index == columns.count - 1
        // No trailing spaces: nothing follows the last column, and it is often empty.
        if index > 0, !isLast || cell.count > 0 { out.append(UInt8(ascii: " ")) }
        if columns[index].isRight { out.append(spaces: widths[index] - width) }
        out.append(contentsOf: cell)
        if !columns[index].isRight, !isLast { out.append(spaces: widths[index] - width) }
    }

    private static func width(of title: StaticString) -> Int { title.description.count }
}

extension SummaryDimension {
    /// In the order of the columns.
    fileprivate static let shown: [SummaryDimension] = [.pid, .comm, .family, .type, .protocol, .socket, .error]
}

extension SummaryTextTable {
    private static func column(of dimension: SummaryDimension) -> Column {
        switch dimension {
        case .pid: Column(title: "PID") { $1.append(number: $0.pid) }
        case .comm:
            Column(title: "COMM", isRight: false) { row, out in
                guard let comm = row.comm else { return out.appendDash() }
                return out.append(text: comm)
            }
        case .family:
            Column(title: "FAMILY", isRight: false) { row, out in
                out.append(row.family) { AddressFamilyNames.name(of: $0) }
            }
        case .type:
            Column(title: "TYPE", isRight: false) { row, out in out.append(row.type) { SocketTypeNames.name(of: $0) } }
        case .protocol:
            Column(title: "PROTO", isRight: false) { row, out in
                out.append(row.protocol) { ProtocolNames.name(of: $0, family: row.family) }
            }
        case .socket:
            Column(title: "SOCKET", isRight: false) { row, out in
                guard let socket = row.socket else { return out.appendDash() }
                out.append("0x")
                out.append(hex: socket, digits: 16)
                return nil
            }
        case .error:
            Column(title: "ERROR", isRight: false) { row, out in
                guard let error = row.error else { return out.appendDash() }
                out.append(error: error)
                return nil
            }
        }
    }

    private static let counts: [Column] = [
        Column(title: "DIRECTION", isRight: false) { row, out in
            out.append(row.isSend ? "send" : "receive")
            return nil
        },
        Column(title: "MESSAGES") { $1.append(count: $0.messages) },
        Column(title: "BYTES") { $1.append(count: $0.bytes) },
        Column(title: "p50 µs") { $1.append(microseconds: $0.latency?.p50) },
        Column(title: "p90 µs") { $1.append(microseconds: $0.latency?.p90) },
        Column(title: "p99 µs") { $1.append(microseconds: $0.latency?.p99) },
        Column(title: "max µs") { $1.append(microseconds: $0.latency?.max) },
        Column(title: "p50 bytes") { $1.append(count: $0.size?.p50) },
        Column(title: "p90 bytes") { $1.append(count: $0.size?.p90) },
        Column(title: "p99 bytes") { $1.append(count: $0.size?.p99) },
        Column(title: "max bytes") { $1.append(count: $0.size?.max) },
        Column(title: "FAILED") { $1.append(count: $0.failed) },
        Column(title: "ERRORS", isRight: false) { row, out in
            out.append(errors: row.errors)
            return nil
        },
    ]
}

extension OutputBuffer {
    fileprivate mutating func appendDash() -> Int? {
        append(UInt8(ascii: "-"))
        return nil
    }

    fileprivate mutating func append(number: Int32?) -> Int? {
        guard let number else { return appendDash() }
        append(decimal: Int64(number))
        return nil
    }

    fileprivate mutating func append(count: UInt64?) -> Int? {
        guard let count else { return appendDash() }
        append(decimal: count)
        return nil
    }

    fileprivate mutating func append(microseconds nanoseconds: UInt64?) -> Int? {
        guard let nanoseconds else { return appendDash() }
        append(decimal: nanoseconds / 1000)
        append(UInt8(ascii: "."))
        append(decimal: nanoseconds % 1000, digits: 3)
        return nil
    }

    fileprivate mutating func append(_ number: Int32?, _ name: (Int32) -> StaticString?) -> Int? {
        guard let number else { return appendDash() }
        append(name(number), orNumber: number)
        return nil
    }
}
