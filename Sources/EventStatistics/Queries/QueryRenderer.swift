package import EventOutput
internal import SocketEvents
internal import SocketNames

/// DNS queries by process and server: text has a line for each, JSON an object, CSV the same keys.
package struct QueryRenderer: Sendable {
    private let format: OutputFormat
    private let width: Int?

    /// - Parameter width: columns of the terminal, for text; nil where that does not matter.
    package init(format: OutputFormat, width: Int?) { (self.format, self.width) = (format, width) }

    /// Appends all of it.
    package func render(_ lines: [QueryLine], into out: inout OutputBuffer) {
        switch format {
        case .text: TextTable(columns: Self.columns, limit: width).render(lines, into: &out)
        case .json:
            for line in lines {
                let members = zip(Self.keys, values(of: line)).map { "\"\($0)\":\($1.json)" }
                out.append(line: "{" + members.joined(separator: ",") + "}")
            }
        case .csv:
            out.append(line: Self.keys.joined(separator: ","))
            for line in lines { out.append(line: values(of: line).map(\.csv).joined(separator: ",")) }
        }
    }

    private static var columns: [TableColumn<QueryLine>] {
        [
            TableColumn("PROCESS", isRight: false) { line, out in
                let start = out.count
                let width = line.key.comm.map { out.append(text: $0) } ?? out.dash()
                let end = out.count
                out.append(UInt8(ascii: "/"))
                _ = out.cell(number: line.key.pid)
                return width + out.count - max(start, end)
            },
            TableColumn("SERVER", isRight: false) { line, out in out.append(text: line.key.server) },
            TableColumn("QUERIES", rank: 1) { $1.cell(amount: $0.queries) },
            TableColumn("ANSWERS", rank: 2) { $1.cell(amount: $0.answers) },
            TableColumn("FAILED", rank: 5) { $1.cell(amount: $0.failed) },
            TableColumn("NO ANSWER", rank: 4) { $1.cell(amount: $0.unanswered) },
            TableColumn("p50", rank: 3) { $1.cell(latency: $0.latency?.p50) },
            TableColumn("p90", rank: 8) { $1.cell(latency: $0.latency?.p90) },
            TableColumn("p99", rank: 7) { $1.cell(latency: $0.latency?.p99) },
            TableColumn("max", rank: 6) { $1.cell(latency: $0.latency?.max) },
            TableColumn("mean", rank: 9) { $1.cell(latency: $0.latencyMean) },
            TableColumn("PENDING", rank: 10) { $1.cell(amount: $0.pending) },
            TableColumn("ERRORS", isRight: false, rank: 11) { line, out in
                out.append(errors: line.errors)
                return nil
            },
        ]
    }

    // MARK: JSON and CSV

    private static let keys = [
        "pid", "comm", "server", "queries", "answers", "failed", "unanswered", "pending", "sent_bytes",
        "received_bytes", "latency_p50_ns", "latency_p90_ns", "latency_p99_ns", "latency_max_ns", "latency_mean_ns",
        "errors",
    ]

    private struct Value {
        let json: String
        let csv: String

        init(_ number: UInt64?) {
            (json, csv) = (number.map { String($0) } ?? "null", number.map { String($0) } ?? "")
        }

        init(_ text: String?) {
            json = text.map { "\"" + PrintableText.json($0) + "\"" } ?? "null"
            csv = text.map(PrintableText.csv) ?? ""
        }

        init(_ errors: [SummaryRow.ErrorCount]) {
            let names = errors.map { ErrorNames.name(of: $0.number)?.description ?? String($0.number) }
            json = "{" + zip(names, errors).map { "\"\($0)\":\($1.count)" }.joined(separator: ",") + "}"
            csv = zip(names, errors).map { "\($0)=\($1.count)" }.joined(separator: " ")
        }
    }

    private func values(of line: QueryLine) -> [Value] {
        [
            Value(line.key.pid.map { UInt64($0.magnitude) }), Value(line.key.comm?.description),
            Value(line.key.server.textWithoutPort), Value(line.queries), Value(line.answers), Value(line.failed),
            Value(line.unanswered), Value(line.pending), Value(line.sentBytes), Value(line.receivedBytes),
            Value(line.latency?.p50), Value(line.latency?.p90), Value(line.latency?.p99), Value(line.latency?.max),
            Value(line.latencyMean), Value(line.errors),
        ]
    }
}

extension OutputBuffer {
    /// Appends what stands for nothing known, and returns the columns that it takes.
    fileprivate mutating func dash() -> Int {
        append(UInt8(ascii: "-"))
        return 1
    }
}
