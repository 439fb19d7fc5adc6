package import EventOutput
internal import SocketEvents
internal import SocketNames

/// Summaries in the format that the user chose.
///
/// Text has a line a group in aligned columns, with what was sent and received side by side, or a line for each, and a
/// line of sums; `-` stands for what is not known. JSON has an object for each group and direction, CSV the same columns
/// for every summary; both have latencies in nanoseconds, as events do. What is not known is `null`, or empty. In JSON and
/// CSV calls that failed and are no messages have the direction `other`.
package struct SummaryRenderer: Sendable {
    private let format: SummaryFormat
    private let options: SummaryOptions
    private let width: Int?
    let fileNames: [String]
    private let wallClock: Int64?

    /// A renderer for summaries with these options.
    /// - Parameters:
    ///   - width: columns of the terminal, for text; nil where that does not matter.
    ///   - fileNames: what the recordings are called, by source.
    ///   - wallClock: nanoseconds from the trace clock to the time since 1970, for logs; nil where unknown.
    package init(
        format: SummaryFormat, options: SummaryOptions, width: Int? = nil, fileNames: [String] = [],
        wallClock: Int64? = nil
    ) {
        (self.format, self.options, self.width, self.fileNames) = (format, options, width, fileNames)
        self.wallClock = wallClock
    }

    /// Appends the whole summary.
    package func render(_ summary: borrowing EventSummary, into out: inout OutputBuffer) {
        switch format {
        case .text: renderText(summary, into: &out)
        case .json:
            for row in summary.rows { renderJSON(row, into: &out) }
        case .csv:
            renderCSVHeader(into: &out)
            for row in summary.rows { renderCSV(row, into: &out) }
        case .hdr:
            HistogramLog(keys: SummaryColumn.keys(options.dimensions, fileNames), wallClock: wallClock)
                .render(summary, into: &out)
        }
    }

    private func renderText(_ summary: borrowing EventSummary, into out: inout OutputBuffer) {
        let keys = SummaryColumn.keys(options.dimensions, fileNames)
        if options.histogram != nil {
            return HistogramText(keys: keys, options: options, width: width).render(summary.rows, into: &out)
        }
        guard options.isSplit else {
            let table = TextTable(columns: keys + SummaryColumn.sideBySide, limit: width)
            let total = summary.groupCount > 1 ? summary.total : nil
            return table.render(summary.lines, total: total, into: &out)
        }
        let lines = summary.rows.map { SummaryLine(oneWay: $0) }
        TextTable(columns: keys + SummaryColumn.oneWay, limit: width).render(lines, total: nil, into: &out)
    }

    private var dimensions: Set<SummaryDimension> { options.dimensions }
}

// MARK: JSON

extension SummaryRenderer {
    private func renderJSON(_ row: SummaryRow, into out: inout OutputBuffer) {
        out.append("{\"direction\":\"")
        out.append(row.direction.name)
        out.append(UInt8(ascii: "\""))
        renderKey(row.key, into: &out)
        out.append(",\"messages\":")
        out.append(decimal: row.messages)
        out.append(",\"failed\":")
        out.append(decimal: row.failed)
        out.appendMember(",\"bytes\":", row.bytes)
        out.append(",\"errors\":{")
        for (index, error) in row.errors.enumerated() {
            out.append(index == 0 ? "\"" : ",\"")
            out.append(ErrorNames.name(of: error.number), orNumber: error.number)
            out.append("\":")
            out.append(decimal: error.count)
        }
        out.append("},\"latency_ns\":")
        out.append(json: row.latency)
        out.append(",\"size_bytes\":")
        out.append(json: row.size)
        out.appendMember(",\"latency_mean_ns\":", row.latencyMean)
        out.appendMember(",\"latency_total_ns\":", row.latencyCount > 0 ? row.latencySum : nil)
        if let subject = options.histogram {
            out.append(subject == .latency ? ",\"latency_histogram\":[" : ",\"size_histogram\":[")
            for (index, bucket) in row.histogram.enumerated() { out.append(json: bucket, isFirst: index == 0) }
            out.append(UInt8(ascii: "]"))
        }
        out.append("}\n")
    }

    /// Appends what a group has in common, a comma before each member.
    func renderKey(_ row: SummaryKey, into out: inout OutputBuffer) {
        if dimensions.contains(.file) {
            out.append(",\"file\":")
            out.appendQuoted(row.file) { file, out in
                for byte in PrintableText.json(fileNames[file]).utf8 { out.append(byte) }
            }
        }
        if dimensions.contains(.pid) { out.appendMember(",\"pid\":", row.pid.map(Int64.init)) }
        if dimensions.contains(.comm) {
            out.append(",\"comm\":")
            out.appendQuoted(row.comm) { name, out in out.append(json: name) }
        }
        if dimensions.contains(.peer) || dimensions.contains(.remote) {
            out.appendEnd(",\"remote_address\":", ",\"remote_port\":", row.remote)
        }
        if dimensions.contains(.local) { out.appendEnd(",\"local_address\":", ",\"local_port\":", row.local) }
        if dimensions.contains(.port) { out.appendMember(",\"port\":", row.port.map(UInt64.init)) }
        if dimensions.contains(.inode) { out.appendMember(",\"inode\":", row.inode) }
        if dimensions.contains(.listener) { out.appendMember(",\"listener\":", row.listener) }
        if dimensions.contains(.cgroup) {
            out.appendMember(",\"cgroup\":", row.cgroup)
            out.append(",\"cgroup_path\":")
            out.appendQuoted(row.cgroupPath) { path, out in
                for byte in PrintableText.json(path).utf8 { out.append(byte) }
            }
        }
        if dimensions.contains(.family) {
            out.appendPair(",\"family\":", row.family, ",\"family_name\":") { AddressFamilyNames.name(of: $0) }
        }
        if dimensions.contains(.protocol) {
            let family = row.family
            out.appendPair(",\"protocol\":", row.protocol, ",\"protocol_name\":") {
                ProtocolNames.name(of: $0, family: family)
            }
        }
        if dimensions.contains(.type) {
            out.appendPair(",\"type\":", row.type, ",\"type_name\":") { SocketTypeNames.name(of: $0) }
        }
        if dimensions.contains(.socket) {
            out.append(",\"socket\":")
            out.appendQuoted(row.socket) { socket, out in
                out.append("0x")
                out.append(hex: socket, digits: 16)
            }
        }
        if dimensions.contains(.error) {
            out.append(",\"error\":")
            out.appendQuoted(row.error) { error, out in out.append(error: error) }
        }
    }
}

// MARK: CSV

extension SummaryRenderer {
    private func renderCSVHeader(into out: inout OutputBuffer) {
        out.append(
            """
            direction,pid,comm,family,family_name,protocol,protocol_name,type,type_name,socket,error,messages,failed,\
            bytes,latency_p50_ns,latency_p90_ns,latency_p99_ns,latency_max_ns,size_p50_bytes,size_p90_bytes,\
            size_p99_bytes,size_max_bytes,errors,latency_mean_ns,latency_total_ns,file,\
            remote_address,remote_port,local_address,local_port,port,inode,listener,cgroup,cgroup_path

            """)
    }

    private func renderCSV(_ row: SummaryRow, into out: inout OutputBuffer) {
        out.append(row.direction.name)
        out.appendField(row.pid.map { UInt64($0.magnitude) })
        out.append(UInt8(ascii: ","))
        if let comm = row.comm { out.append(csv: comm) }
        let family = dimensions.contains(.family) ? row.family : nil
        out.appendFields(family, family.flatMap { AddressFamilyNames.name(of: $0) })
        out.appendFields(row.protocol, row.protocol.flatMap { ProtocolNames.name(of: $0, family: row.family) })
        out.appendFields(row.type, row.type.flatMap { SocketTypeNames.name(of: $0) })
        out.append(UInt8(ascii: ","))
        if let socket = row.socket {
            out.append("0x")
            out.append(hex: socket, digits: 16)
        }
        out.append(UInt8(ascii: ","))
        if let error = row.error { out.append(error: error) }
        out.appendField(row.messages)
        out.appendField(row.failed)
        out.appendField(row.bytes)
        for quantiles in [row.latency, row.size] {
            out.appendField(quantiles?.p50)
            out.appendField(quantiles?.p90)
            out.appendField(quantiles?.p99)
            out.appendField(quantiles?.max)
        }
        out.append(UInt8(ascii: ","))
        out.append(errors: row.errors)
        out.appendField(row.latencyMean)
        out.appendField(row.latencyCount > 0 ? row.latencySum : nil)
        out.append(UInt8(ascii: ","))
        if let file = row.file { for byte in PrintableText.csv(fileNames[file]).utf8 { out.append(byte) } }
        for end in [row.remote, row.local] {
            out.append(UInt8(ascii: ","))
            if let end { out.append(csv: end) }
            out.appendField(end?.port.map(UInt64.init))
        }
        out.appendField(row.port.map(UInt64.init))
        out.appendField(row.inode)
        out.appendField(row.listener)
        out.appendField(row.cgroup)
        out.append(UInt8(ascii: ","))
        if let path = row.cgroupPath { for byte in PrintableText.csv(path).utf8 { out.append(byte) } }
        out.append(UInt8(ascii: "\n"))
    }
}

extension OutputBuffer {
    /// Appends the name of an error, or `none`.
    mutating func append(error: Int32) {
        if error == 0 { append("none") } else { append(ErrorNames.name(of: error), orNumber: error) }
    }

    /// Appends errors and their counts, as in `EAGAIN=12 EPIPE=1`.
    package mutating func append(errors: [SummaryRow.ErrorCount]) {
        for (index, error) in errors.enumerated() {
            if index > 0 { append(UInt8(ascii: " ")) }
            append(ErrorNames.name(of: error.number), orNumber: error.number)
            append(UInt8(ascii: "="))
            append(decimal: error.count)
        }
    }

    fileprivate mutating func append(json bucket: HistogramBucket, isFirst: Bool) {
        append(isFirst ? "{\"from\":" : ",{\"from\":")
        append(decimal: bucket.from)
        append(",\"to\":")
        append(decimal: bucket.to)
        append(",\"count\":")
        append(decimal: bucket.count)
        append(UInt8(ascii: "}"))
    }

    fileprivate mutating func append(json quantiles: SummaryRow.Quantiles?) {
        guard let quantiles else { return append("null") }
        append("{\"p50\":")
        append(decimal: quantiles.p50)
        append(",\"p90\":")
        append(decimal: quantiles.p90)
        append(",\"p99\":")
        append(decimal: quantiles.p99)
        append(",\"max\":")
        append(decimal: quantiles.max)
        append(UInt8(ascii: "}"))
    }

    fileprivate mutating func appendEnd(_ key: StaticString, _ portKey: StaticString, _ end: SocketAddress?) {
        append(key)
        appendQuoted(end) { end, out in out.append(json: end) }
        appendMember(portKey, end?.port.map(UInt64.init))
    }

    fileprivate mutating func appendMember(_ key: StaticString, _ value: Int64?) {
        append(key)
        if let value { append(decimal: value) } else { append("null") }
    }

    fileprivate mutating func appendMember(_ key: StaticString, _ value: UInt64?) {
        append(key)
        if let value { append(decimal: value) } else { append("null") }
    }

    fileprivate mutating func appendQuoted<Value>(_ value: Value?, _ body: (Value, inout OutputBuffer) -> Void) {
        guard let value else { return append("null") }
        append(UInt8(ascii: "\""))
        body(value, &self)
        append(UInt8(ascii: "\""))
    }

    fileprivate mutating func appendPair(
        _ key: StaticString, _ number: Int32?, _ nameKey: StaticString, _ name: (Int32) -> StaticString?
    ) {
        appendMember(key, number.map(Int64.init))
        append(nameKey)
        appendQuoted(number) { number, out in out.append(name(number), orNumber: number) }
    }

    fileprivate mutating func appendField(_ value: UInt64?) {
        append(UInt8(ascii: ","))
        if let value { append(decimal: value) }
    }

    fileprivate mutating func appendFields(_ number: Int32?, _ name: StaticString?) {
        append(UInt8(ascii: ","))
        if let number { append(decimal: Int64(number)) }
        append(UInt8(ascii: ","))
        if let number { append(name, orNumber: number) }
    }
}
