package import EventOutput
internal import SocketEvents
internal import SocketNames

/// Snapshots as JSON, one object a line: `time` (trace clock), `wall`, `interval` (nanoseconds), `lost`, `total` and
/// `groups`. Numbers of sent and received are those of the interval; below `total` those since the beginning.
package struct TopJSON: Sendable {
    private let userName: @Sendable (UInt32) -> String?

    /// - Parameter userName: the name of a user; nil where it has none.
    package init(userName: @escaping @Sendable (UInt32) -> String?) { self.userName = userName }

    /// Appends a snapshot.
    /// - Parameters:
    ///   - time: its end, nanoseconds of the trace clock.
    ///   - wall: the same since 1970.
    package func render(
        _ meter: borrowing TrafficMeter, _ view: TopView, time: UInt64, wall: UInt64, into out: inout OutputBuffer
    ) {
        out.append("{\"time\":")
        out.append(decimal: time)
        member(",\"wall\":", wall, into: &out)
        member(",\"interval\":", meter.nanoseconds, into: &out)
        member(",\"lost\":", meter.uncountedLosses > 0 ? nil : meter.lost, into: &out)
        out.append(",\"all\":{")
        numbers(meter.all, into: &out)
        out.append("},\"by\":\"")
        out.append(text: view.grouping.rawValue)
        out.append("\",\"groups\":[")
        for (index, line) in view.shown(meter.lines(view.grouping, by: view.order)).enumerated() {
            out.append(index == 0 ? "{" : ",{")
            key(line.now.key, view.grouping, into: &out)
            numbers(line, into: &out)
            out.append("}")
        }
        out.append("]}\n")
    }

    private func key(_ key: SummaryKey, _ grouping: TopGrouping, into out: inout OutputBuffer) {
        switch grouping {
        case .process: process(key, into: &out)
        case .connection:
            process(key, into: &out)
            protocolNumber(key, into: &out)
            address("\"local_address\":", key.local, into: &out)
            member("\"local_port\":", key.local?.port.map(UInt64.init), into: &out)
            address(",\"remote_address\":", key.remote, into: &out)
            member("\"remote_port\":", key.remote?.port.map(UInt64.init), into: &out)
            out.append(",")
        case .peer: address("\"remote_address\":", key.remote, into: &out)
        case .user:
            member("\"uid\":", key.user.map(UInt64.init), into: &out)
            text(",\"user\":", key.user.flatMap { userName($0) }, into: &out)
            out.append(",")
        case .cgroup:
            member("\"cgroup\":", key.cgroup, into: &out)
            text(",\"cgroup_path\":", key.cgroupPath, into: &out)
            out.append(",")
        case .protocol: protocolNumber(key, into: &out)
        case .family:
            member("\"family\":", key.family.map { UInt64($0.magnitude) }, into: &out)
            let name = key.family.flatMap { AddressFamilyNames.name(of: $0)?.description }
            text(",\"family_name\":", name ?? key.family.map(String.init), into: &out)
            out.append(",")
        case .error:
            let name = key.error.map { $0 == 0 ? "none" : ErrorNames.name(of: $0)?.description ?? String($0) }
            text("\"error\":", name, into: &out)
            out.append(",")
        }
    }

    private func process(_ key: SummaryKey, into out: inout OutputBuffer) {
        member("\"pid\":", key.pid.map { UInt64($0.magnitude) }, into: &out)
        out.append(",\"comm\":")
        guard let comm = key.comm else { return out.append("null,") }
        out.append("\"")
        out.append(json: comm)
        out.append("\",")
    }

    private func protocolNumber(_ key: SummaryKey, into out: inout OutputBuffer) {
        member("\"protocol\":", key.protocol.map { UInt64($0.magnitude) }, into: &out)
        let name = key.protocol.flatMap { ProtocolNames.name(of: $0, family: key.family)?.description }
        text(",\"protocol_name\":", name ?? key.protocol.map(String.init), into: &out)
        out.append(",")
    }

    private func address(_ name: StaticString, _ address: SocketAddress?, into out: inout OutputBuffer) {
        out.append(name)
        guard let address else { return out.append("null,") }
        out.append("\"")
        out.append(json: address)
        out.append("\",")
    }

    private func numbers(_ line: TopLine, into out: inout OutputBuffer) {
        for (name, row) in [("sent", line.now.sent), ("received", line.now.received)] as [(StaticString, SummaryRow)] {
            out.append("\"")
            out.append(name)
            member("\":{\"messages\":", row.messages, into: &out)
            member(",\"bytes\":", row.messages == 0 ? 0 : row.bytes, into: &out)
            member(",\"failed\":", row.failed, into: &out)
            member(",\"latency_p50_ns\":", row.latency?.p50, into: &out)
            member(",\"latency_p99_ns\":", row.latency?.p99, into: &out)
            out.append("},")
        }
        member("\"failed_calls\":", line.now.other.failed, into: &out)
        member(",\"connections\":", line.now.other.connections, into: &out)
        out.append(",\"errors\":{")
        for (index, error) in line.now.errors.enumerated() {
            out.append(index == 0 ? "\"" : ",\"")
            out.append(ErrorNames.name(of: error.number), orNumber: error.number)
            member("\":", error.count, into: &out)
        }
        member("},\"total\":{\"sent_bytes\":", line.total.sent, into: &out)
        member(",\"received_bytes\":", line.total.received, into: &out)
        member(",\"messages\":", line.total.messages, into: &out)
        member(",\"failed\":", line.total.failed, into: &out)
        member(",\"connections\":", line.total.connections, into: &out)
        out.append("}")
    }

    private func member(_ key: StaticString, _ value: UInt64?, into out: inout OutputBuffer) {
        out.append(key)
        if let value { out.append(decimal: value) } else { out.append("null") }
    }

    private func text(_ key: StaticString, _ value: String?, into out: inout OutputBuffer) {
        out.append(key)
        guard let value else { return out.append("null") }
        out.append("\"")
        for byte in PrintableText.json(value).utf8 { out.append(byte) }
        out.append("\"")
    }
}
