internal import EventOutput

/// Histograms as bars, one below the other.
struct HistogramText {
    let keys: [SummaryColumn]
    let options: SummaryOptions
    /// Columns of the terminal.
    let width: Int?

    private static let boundWidth = 7
    private static let countWidth = 9
    /// What bars take where there is no terminal.
    private static let usualBar = 40

    func render(_ rows: [SummaryRow], into out: inout OutputBuffer) {
        for row in rows where !row.histogram.isEmpty {
            renderTitle(row, into: &out)
            let most = row.histogram.map(\.count).max() ?? 1
            for bucket in row.histogram { renderBar(bucket, most, into: &out) }
            out.append("\n")
        }
    }

    private func renderTitle(_ row: SummaryRow, into out: inout OutputBuffer) {
        let start = out.count
        let line = SummaryLine(oneWay: row)
        for key in keys {
            _ = key.cell(line, &out)
            out.append(UInt8(ascii: " "))
        }
        let isLatency = options.histogram == .latency
        out.append(isLatency ? "latency of " : "size of ")
        out.append(amount: isLatency ? row.latencyCount : row.messages &- row.failed)
        out.append(row.direction == .send ? " sent" : " received")
        if isLatency, row.direction == .receive { out.append(", waiting for data included") }
        if let width { out.shorten(from: start, toColumns: width) }
        out.append("\n")
    }

    /// `   10 us ..   20 us      123 |@@@@@     |`
    private func renderBar(_ bucket: HistogramBucket, _ most: UInt64, into out: inout OutputBuffer) {
        renderBound(bucket.from, into: &out)
        out.append(" .. ")
        renderBound(bucket.to, into: &out)
        out.append(spaces: Self.countWidth - OutputBuffer.digits(in: bucket.count))
        out.append(decimal: bucket.count)
        out.append(" |")
        let taken = 2 * Self.boundWidth + 4 + Self.countWidth + 3
        let room = max((width ?? taken + Self.usualBar) - taken, 10)
        // At least a mark for what is not nothing.
        let length = bucket.count == 0 ? 0 : max(Int(Double(bucket.count) / Double(most) * Double(room)), 1)
        for _ in 0..<length { out.append(UInt8(ascii: "@")) }
        out.append(spaces: room - length)
        out.append("|\n")
    }

    private func renderBound(_ value: UInt64, into out: inout OutputBuffer) {
        var cell = OutputBuffer(capacity: 64)
        // Bounds are one digit and zeros, or two.
        let (number, power) = ReadableNumber.whole(value)
        cell.append(decimal: number)
        cell.append(UInt8(ascii: " "))
        let units: [StaticString] =
            options.histogram == .latency
            ? ["ns", "us", "ms", "s", "ks", "Ms", "Gs"] : ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        cell.append(units[min(power, units.count - 1)])
        out.append(spaces: Self.boundWidth - cell.count)
        out.append(contentsOf: cell)
    }
}
