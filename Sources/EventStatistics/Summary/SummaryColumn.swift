internal import EventOutput
internal import SocketEvents
internal import SocketNames

/// A column of a summary's text.
typealias SummaryColumn = TableColumn<SummaryLine>

/// The columns that there are.
extension TableColumn where Line == SummaryLine {
    /// What groups have in common.
    /// - Parameter fileNames: what the recordings are called, by source.
    static func keys(_ dimensions: Set<SummaryDimension>, _ fileNames: [String] = []) -> [SummaryColumn] {
        var columns: [SummaryColumn] = []
        if dimensions.contains(.file) {
            columns.append(
                SummaryColumn("FILE", isRight: false) { line, out in
                    guard let file = line.key.file, fileNames.indices.contains(file) else { return out.appendDash() }
                    return out.append(printable: fileNames[file])
                })
        }
        if dimensions.isSuperset(of: [.pid, .comm]) {
            columns.append(process)
        } else {
            if dimensions.contains(.pid) { columns.append(SummaryColumn("PID") { $1.cell(number: $0.key.pid) }) }
            if dimensions.contains(.comm) { columns.append(comm) }
        }
        for dimension in [
            SummaryDimension.local, .peer, .remote, .port, .family, .type, .protocol, .socket, .inode, .listener,
            .cgroup, .error,
        ]
        where dimensions.contains(dimension) {
            columns.append(key(dimension))
        }
        return columns
    }

    private static var comm: SummaryColumn {
        SummaryColumn("COMM", isRight: false) { line, out in
            guard let comm = line.key.comm else { return out.appendDash() }
            return out.append(text: comm)
        }
    }

    private static var process: SummaryColumn {
        SummaryColumn("PROCESS", isRight: false) { line, out in
            let width = comm.cell(line, &out) ?? 1
            let start = out.count
            out.append(UInt8(ascii: "/"))
            _ = out.cell(number: line.key.pid)
            return width + out.count - start
        }
    }

    private static func key(_ dimension: SummaryDimension) -> SummaryColumn {
        switch dimension {
        case .family:
            SummaryColumn("FAMILY", isRight: false) { line, out in
                out.append(line.key.family) { AddressFamilyNames.name(of: $0) }
            }
        case .type:
            SummaryColumn("TYPE", isRight: false) { line, out in
                out.append(line.key.type) { SocketTypeNames.name(of: $0) }
            }
        case .protocol:
            SummaryColumn("PROTO", isRight: false) { line, out in
                let family = line.key.family
                return out.append(line.key.protocol) { ProtocolNames.word(for: $0, family: family) }
            }
        case .socket:
            SummaryColumn("SOCKET", isRight: false) { line, out in
                guard let socket = line.key.socket else { return out.appendDash() }
                out.append("0x")
                out.append(hex: socket, digits: 16)
                guard line.key.life > 0 else { return nil }
                out.append(UInt8(ascii: "#"))
                out.append(decimal: UInt64(line.key.life) + 1)
                return nil
            }
        case .error:
            SummaryColumn("ERROR", isRight: false) { line, out in
                guard let error = line.key.error else { return out.appendDash() }
                out.append(error: error)
                return nil
            }
        case .peer, .remote:
            SummaryColumn(dimension == .peer ? "PEER" : "REMOTE", isRight: false) { $1.cell(end: $0.key.remote) }
        case .local: SummaryColumn("LOCAL", isRight: false) { $1.cell(end: $0.key.local) }
        case .port: SummaryColumn("PORT") { $1.cell(number: $0.key.port.map(UInt64.init)) }
        case .inode: SummaryColumn("INODE") { $1.cell(number: $0.key.inode) }
        case .listener: SummaryColumn("LISTENER") { $1.cell(number: $0.key.listener) }
        case .cgroup:
            SummaryColumn("CGROUP", isRight: false) { line, out in
                guard let path = line.key.cgroupPath else { return out.cell(number: line.key.cgroup) }
                return out.append(printable: path)
            }
        case .pid, .comm, .file: comm
        }
    }

    /// What was sent and received, side by side.
    static var sideBySide: [SummaryColumn] {
        [
            SummaryColumn("SENDS", rank: 5) { $1.cell(amount: $0.sent.messages) },
            SummaryColumn("SENT", rank: 1) { $1.cell(bytes: $0.sent) },
            SummaryColumn("RECEIVES", rank: 6) { $1.cell(amount: $0.received.messages) },
            SummaryColumn("RECEIVED", rank: 1) { $1.cell(bytes: $0.received) },
            SummaryColumn("FAILED", rank: 2) { $1.cell(amount: $0.failed) },
        ] + latencies(\.sent, "SEND p50", "SEND p99", "SEND max", "SEND mean", "SEND total", rank: 3)
            + latencies(\.received, "RECV p50", "RECV p99", "RECV max", "RECV mean", "RECV total", rank: 4) + [errors]
    }

    /// What went one way, in lines of which each has one.
    static var oneWay: [SummaryColumn] {
        [
            SummaryColumn("DIRECTION", isRight: false) { line, out in
                out.append(line.only.direction.name)
                return nil
            },
            SummaryColumn("MESSAGES", rank: 1) { $1.cell(amount: $0.only.messages) },
            SummaryColumn("BYTES", rank: 1) { $1.cell(bytes: $0.only) },
            SummaryColumn("FAILED", rank: 2) { $1.cell(amount: $0.only.failed) },
            SummaryColumn("p50", rank: 4) { $1.cell(latency: $0.only.latency?.p50) },
            SummaryColumn("p90", rank: 6) { $1.cell(latency: $0.only.latency?.p90) },
            SummaryColumn("p99", rank: 3) { $1.cell(latency: $0.only.latency?.p99) },
            SummaryColumn("max", rank: 5) { $1.cell(latency: $0.only.latency?.max) },
            SummaryColumn("mean", rank: 7) { $1.cell(latency: $0.only.latencyMean) },
            SummaryColumn("total", rank: 8) { $1.cell(latency: $0.only.knownSum) },
            SummaryColumn("SIZE p50", rank: 9) { $1.cell(size: $0.only.size?.p50) },
            SummaryColumn("SIZE p90", rank: 10) { $1.cell(size: $0.only.size?.p90) },
            SummaryColumn("SIZE p99", rank: 10) { $1.cell(size: $0.only.size?.p99) },
            SummaryColumn("SIZE max", rank: 10) { $1.cell(size: $0.only.size?.max) },
            SummaryColumn("ERRORS", isRight: false, rank: 11) { line, out in
                out.append(errors: line.only.errors)
                return nil
            },
        ]
    }

    private static var errors: SummaryColumn {
        SummaryColumn("ERRORS", isRight: false, rank: 15) { line, out in
            out.append(errors: line.errors)
            return nil
        }
    }

    private static func latencies(
        _ row: any KeyPath<SummaryLine, SummaryRow> & Sendable, _ p50: StaticString, _ p99: StaticString,
        _ max: StaticString, _ mean: StaticString, _ total: StaticString, rank: Int
    ) -> [SummaryColumn] {
        [
            SummaryColumn(p50, rank: rank + 6) { $1.cell(latency: $0[keyPath: row].latency?.p50) },
            SummaryColumn(p99, rank: rank) { $1.cell(latency: $0[keyPath: row].latency?.p99) },
            SummaryColumn(max, rank: rank + 4) { $1.cell(latency: $0[keyPath: row].latency?.max) },
            SummaryColumn(mean, rank: rank + 8) { $1.cell(latency: $0[keyPath: row].latencyMean) },
            SummaryColumn(total, rank: rank + 10) { $1.cell(latency: $0[keyPath: row].knownSum) },
        ]
    }
}

extension SummaryLine {
    /// A line of one row.
    init(oneWay row: SummaryRow) {
        key = row.key
        switch row.direction {
        case .send: sent = row
        case .receive: received = row
        case .other: other = row
        }
        direction = row.direction
    }

    /// The row of a line that has but one.
    var only: SummaryRow {
        switch direction {
        case .send: sent
        case .receive: received
        case .other: other
        }
    }
}

extension SummaryRow {
    /// The sum of all latencies; nil where none is known.
    var knownSum: UInt64? { latencyCount == 0 ? nil : latencySum }
}

extension SummaryDirection {
    /// As summaries write it.
    var name: StaticString {
        switch self {
        case .send: "send"
        case .receive: "receive"
        case .other: "other"
        }
    }
}

extension OutputBuffer {
    mutating func appendDash() -> Int? {
        append(UInt8(ascii: "-"))
        return nil
    }

    mutating func cell(end: SocketAddress?) -> Int? {
        guard let end else { return appendDash() }
        return append(end: end, inode: nil, since: count)
    }

    mutating func cell(number: Int32?) -> Int? {
        guard let number else { return appendDash() }
        append(decimal: Int64(number))
        return nil
    }

    mutating func cell(number: UInt64?) -> Int? {
        guard let number else { return appendDash() }
        append(decimal: number)
        return nil
    }

    mutating func cell(amount: UInt64) -> Int? {
        append(amount: amount)
        return nil
    }

    mutating func cell(bytes row: SummaryRow) -> Int? { cell(size: row.messages == 0 ? 0 : row.bytes) }

    mutating func cell(size: UInt64?) -> Int? {
        guard let size else { return appendDash() }
        append(bytes: size)
        return nil
    }

    mutating func cell(latency: UInt64?) -> Int? {
        guard let latency else { return appendDash() }
        append(duration: latency)
        return nil
    }

    mutating func append(_ number: Int32?, _ name: (Int32) -> StaticString?) -> Int? {
        guard let number else { return appendDash() }
        append(name(number), orNumber: number)
        return nil
    }
}
