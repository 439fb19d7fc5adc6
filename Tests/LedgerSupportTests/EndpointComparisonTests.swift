import LedgerSupport
import Testing

@Suite("A trace held against the ledger of endpoints")
struct EndpointComparisonTests {
    /// One event of each kind, in one thread one after the other.
    static let one: [Entry] = [
        Entry("socket.connect", at: 1000, ["tcp_state": "CLOSE"], ["tcp_state": "CLOSE"]),
        .end("socket.connect.return", -115, at: 2000),
        .end("socket.connected", 0, at: 3000),
        .send(39, at: 4000),
        Entry("socket.listen", at: 5000, ["backlog": "8"], ["backlog": 8]),
        Entry("socket.shutdown", at: 6000, ["how": "1"], ["how": 1]),
        accepted,
        Entry("socket.close", at: 8000),
    ]

    static var accepted: Entry {
        var entry = Entry.end(
            "socket.accept.return", 0, at: 7000, ["listener": "99", "wait_min": "10", "wait_max": "500"])
        entry.event["listener"] = 99
        entry.event["backlog_wait"] = 77
        return entry
    }

    @Test("What is right is right, to the last value")
    func right() throws {
        let tally = try compare(Self.one)
        #expect(tally.isRight && tally.unknown == 0 && tally.excused == 0, "\(tally.differences)")
        #expect(tally.expected == Self.one.count && tally.compared > 12 * Self.one.count)
        #expect(tally.differences.isEmpty)
    }

    @Test("An event that is missing is missed, one too many is extra", arguments: one.indices)
    func missedAndExtra(index: Int) throws {
        var events = Self.one
        let event = events.remove(at: index)
        let missed = try compare(Self.one, events)
        #expect(missed.missed == 1 && missed.extra == 0 && missed.wrong == 0)
        #expect(missed.differences.count == 1 && missed.differences[0].contains("alias=\(event.line["alias"] ?? "?") "))
        let extra = try compare(Self.one, Self.one + [event])
        #expect(extra.missed == 0 && extra.extra == 1 && extra.wrong == 0)
    }

    @Test("Every value that is another is wrong, and only that", arguments: one.indices)
    func everyValue(index: Int) throws {
        for key in Self.one[index].event.keys.sorted() where !["name", "time", "tid"].contains(key) {
            var events = Self.one
            events[index].event[key] = events[index].event[key]?.spoilt
            let tally = try compare(Self.one, events)
            #expect(tally.wrong == 1 && tally.missed == 0 && tally.extra == 0, "\(key): \(tally.differences)")
            // A success that is told as a failure is just that.
            let name = key
            #expect(tally.wrongFields.keys.contains { $0.name == name }, "\(key): \(tally.wrongFields)")
        }
    }

    @Test("What is null or absent is unknown where the ledger knows, never wrong", arguments: one.indices)
    func everyNull(index: Int) throws {
        for key in Self.one[index].event.keys.sorted()
        where !["name", "time", "tid", "remote_inode", "errno", "error"].contains(key) {
            for value in [.null, nil] as [Value?] {
                var events = Self.one
                events[index].event[key] = value
                let tally = try compare(Self.one, events)
                #expect(tally.isRight && tally.unknown == 1, "\(key): \(tally.differences)")
                #expect(tally.unknownFields.keys.map(\.name) == [key])
                let excused = try compare(Self.one, events) { comparison in
                    comparison.excuses = { _, field in field == key }
                }
                #expect(excused.isRight && excused.unknown == 0 && excused.excused == 1, "\(key)")
            }
        }
    }

    @Test("A value where the ledger says there is none is wrong")
    func invented() throws {
        for (key, value) in [("remote_inode", 7), ("remote_address", "0.0.0.0"), ("remote_port", 0)]
            as [(String, Value)]
        {
            var entry = Entry("socket.close", at: 1000, ["remote_address": "-", "remote_port": "-"])
            entry.event["remote_address"] = .null
            entry.event["remote_port"] = nil
            #expect(try compare([entry]).isRight)
            entry.event[key] = value
            let tally = try compare([entry])
            #expect(tally.wrong == 1 && tally.wrongFields.keys.map(\.name) == [key])
        }
    }

    @Test("Any of several values is right, all others are not")
    func alternatives() throws {
        let line = Entry(
            "socket.close", at: 1000, ["tcp_state": "FIN_WAIT1|FIN_WAIT2", "remote_address": "-|127.4.5.6"])
        for (state, address, wrong) in [
            ("FIN_WAIT1", "127.4.5.6", 0), ("FIN_WAIT2", nil, 0), ("ESTABLISHED", nil, 1),
            ("FIN_WAIT1", "127.4.5.7", 1),
        ] as [(String, String?, Int)] {
            var event = line
            event.event["tcp_state"] = .text(state)
            event.event["remote_address"] = address.map { .text($0) } ?? .null
            let tally = try compare([line], [event])
            #expect(tally.wrong == wrong && tally.unknown == 0, "\(state) \(address ?? "null")")
        }
    }

    @Test("What the ledger does not know is not judged")
    func unjudged() throws {
        let line = Entry("socket.close", at: 1000, ["inode": "?", "local_port": "?"])
        var event = line
        event.event["inode"] = 77
        event.event["local_port"] = .null
        let tally = try compare([line], [event])
        #expect(tally.isRight && tally.unknown == 0)
    }

    @Test("A descriptor is compared where it is told")
    func descriptors() throws {
        var entry = Entry("socket.close", at: 1000)
        #expect(try compare([entry]).unknown == 0)
        entry.event["fd"] = .null
        #expect(try compare([entry]).unknownFields == [.init("socket.close", "fd"): 1])
        entry.event["fd"] = 6
        #expect(try compare([entry]).wrong == 1)
        entry.event["fd"] = 5
        #expect(try compare([entry]).isRight)
    }

    @Test("Names are compared byte by byte, whatever is in them")
    func names() throws {
        let line = Entry(
            "socket.close", at: 1000,
            ["local_address": "%40a%00b%00", "local_port": "-", "remote_address": "", "remote_port": "-"])
        for (local, remote, isRight) in [
            ("@a\0b\0", "", true), ("@a\0b", "", false), ("@a", "", false), ("@a\0b\0", "-", false),
        ] {
            var event = line
            event.event["local_address"] = .text(local)
            event.event["remote_address"] = .text(remote)
            event.event["local_port"] = nil
            event.event["remote_port"] = nil
            #expect(try compare([line], [event]).isRight == isRight, "\(local.debugDescription) \(remote)")
        }
        var nameless = line
        nameless.event["local_address"] = "@a\0b\0"
        nameless.event["remote_address"] = .null
        nameless.event["local_port"] = nil
        nameless.event["remote_port"] = nil
        #expect(try compare([line], [nameless]).unknownFields == [.init("socket.close", "remote_address"): 1])
    }
}
