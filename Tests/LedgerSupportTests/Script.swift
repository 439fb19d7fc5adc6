import Foundation
import LedgerSupport

/// A value of an event.
enum Value: Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    case null
    case number(Int)
    case text(String)

    init(integerLiteral value: Int) { self = .number(value) }
    init(stringLiteral value: String) { self = .text(value) }

    /// Another value of the kind.
    var spoilt: Value {
        switch self {
        case .null: 4711
        case .number(let number): .number(number + 1_000_000)
        case .text(let text): .text(text + "x")
        }
    }

    /// As JSON's writer takes it.
    var object: Any {
        switch self {
        case .null: NSNull()
        case .number(let number): number
        case .text(let text): text
        }
    }
}

/// A ledger's line and the event that agrees with it, to be spoilt.
struct Entry: Sendable {
    /// The ledger's values; what is not given is `-`.
    var line: [String: String]
    /// The event's, as JSON.
    var event: [String: Value]

    static let keys = [
        "alias", "situation", "call", "certain", "pid", "tid", "comm", "fd", "inode", "family", "type", "protocol",
        "local_address", "local_port", "remote_address", "remote_port", "remote_inode", "tcp_state", "result",
        "listener", "backlog", "how", "wait_min", "wait_max", "t0", "t1",
    ]

    /// Of a TCP socket over IPv4, by one thread.
    init(_ alias: String, at time: Int, _ line: [String: String] = [:], _ event: [String: Value] = [:]) {
        let common = [
            "alias": alias, "situation": "test", "call": "test", "certain": "1", "pid": "10", "tid": "11",
            "comm": "two%20words", "fd": "5", "inode": "4321", "family": "2", "type": "1", "protocol": "6",
            "local_address": "127.0.0.1", "local_port": "40000", "remote_address": "127.4.5.6",
            "remote_port": "80", "tcp_state": "ESTABLISHED", "t0": String(time), "t1": String(time + 100),
        ]
        self.line = common.merging(line) { _, new in new }
        let seen: [String: Value] = [
            "name": .text(alias), "time": .number(time + 50), "pid": 10, "tid": 11, "comm": "two words", "inode": 4321,
            "family": 2,
            "type": 1, "protocol": 6, "local_address": "127.0.0.1", "local_port": 40000,
            "remote_address": "127.4.5.6", "remote_port": 80, "remote_inode": .null, "tcp_state": "ESTABLISHED",
        ]
        self.event = seen.merging(event) { _, new in new }
    }

    /// A message sent, which moved so many bytes.
    static func send(_ size: Int, at time: Int, _ line: [String: String] = [:], _ event: [String: Value] = [:]) -> Self
    {
        Entry(
            "socket.send", at: time, ["result": String(size)].merging(line) { _, new in new },
            [
                "size": .number(size), "bytes": .number(size), "errno": .null, "success": 1, "duration": 20,
            ].merging(event) { _, new in new })
    }

    /// A call's return, 0 or -EINPROGRESS.
    static func end(_ alias: String, _ result: Int, at time: Int, _ line: [String: String] = [:]) -> Self {
        var event: [String: Value] = ["err": .number(result), "success": result == 0 ? 1 : 0, "duration": 20]
        if result < 0 { event["error"] = "EINPROGRESS" }
        return Entry(alias, at: time, ["result": String(result)].merging(line) { _, new in new }, event)
    }

    var text: Substring {
        Substring(Self.keys.map { "\($0)=\(line[$0] ?? "-")" }.joined(separator: " "))
    }

    var json: Substring {
        get throws {
            let data = try JSONSerialization.data(withJSONObject: event.mapValues(\.object), options: .sortedKeys)
            return Substring(String(decoding: data, as: UTF8.self))
        }
    }
}

/// Holds the events of some entries against the lines of others.
func compare(
    _ lines: [Entry], _ events: [Entry], _ change: (inout EndpointComparison) -> Void = { _ in }
) throws -> EndpointTally {
    var comparison = EndpointComparison(
        ledger: try EndpointLedger(lines.map(\.text)), events: try LedgerSupport.events(events.map { try $0.json }))
    change(&comparison)
    return comparison.tally()
}

func compare(_ entries: [Entry]) throws -> EndpointTally {
    try compare(entries, entries)
}
