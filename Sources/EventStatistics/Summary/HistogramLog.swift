internal import EventOutput
internal import SocketEvents

/// Histograms in the log format of HdrHistogram (version 1.3, histograms in its V2 encoding, compressed), which
/// HistogramLogProcessor and its like read: one interval for each group and direction, whose tag says which it is.
struct HistogramLog {
    let keys: [SummaryColumn]
    /// Nanoseconds from the trace clock to the time since 1970; nil where unknown.
    let wallClock: Int64?

    func render(_ summary: borrowing EventSummary, into out: inout OutputBuffer) {
        let (first, last) = summary.times ?? (0, 0)
        out.append("#[Histogram log format version 1.3]\n#[StartTime: ")
        append(thousandths: (first &+ UInt64(bitPattern: wallClock ?? 0)) / 1_000_000, into: &out)
        out.append(wallClock == nil ? " (seconds since boot)]\n" : " (seconds since epoch)]\n")
        out.append("\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_CompressedHistogram\"\n")
        for row in summary.rows {
            guard let histogram = row.encodedHistogram else { continue }
            out.append("Tag=")
            append(tagOf: row, into: &out)
            out.append(",0.000,")
            // Readers take an interval of no length for a broken one.
            append(thousandths: max((last &- first) / 1_000_000, 1), into: &out)
            out.append(UInt8(ascii: ","))
            // By custom in millions of the unit: milliseconds, where values are nanoseconds.
            let most = (summary.options.histogram == .size ? row.size : row.latency)?.max ?? 0
            append(thousandths: most / 1000, into: &out)
            out.append(UInt8(ascii: ","))
            for byte in histogram { out.append(byte) }
            out.append("\n")
        }
    }

    /// `12.345`
    private func append(thousandths value: UInt64, into out: inout OutputBuffer) {
        out.append(decimal: value / 1000)
        out.append(UInt8(ascii: "."))
        out.append(decimal: value % 1000, digits: 3)
    }

    /// A tag ends with a comma and cannot hold spaces.
    private func append(tagOf row: SummaryRow, into out: inout OutputBuffer) {
        var cell = OutputBuffer(capacity: 64)
        for key in keys {
            _ = key.cell(SummaryLine(oneWay: row), &cell)
            cell.append(UInt8(ascii: " "))
        }
        cell.append(row.direction.name)
        cell.withUnsafeBytes { bytes in
            for byte in bytes { out.append(byte == UInt8(ascii: ",") || byte <= 0x20 ? UInt8(ascii: "_") : byte) }
        }
    }
}
