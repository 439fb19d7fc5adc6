import LedgerSupport
import Testing

@Suite("Which event belongs to which line of the ledger of endpoints")
struct EndpointTimeTests {
    @Test("An event before or after its operation is not that operation's")
    func outside() throws {
        for time in [999, 1101] {
            var entry = Entry.send(3, at: 1000)
            entry.event["time"] = .number(time)
            let tally = try compare([entry])
            #expect(tally.missed == 1 && tally.extra == 1 && tally.wrong == 0)
        }
        for time in [1000, 1100] {
            var entry = Entry.send(3, at: 1000)
            entry.event["time"] = .number(time)
            #expect(try compare([entry]).isRight)
        }
    }

    @Test("An event of another thread is not this one's")
    func otherThread() throws {
        var entry = Entry.send(3, at: 1000)
        entry.event["tid"] = 12
        let tally = try compare([entry])
        #expect(tally.missed == 1 && tally.extra == 1)
    }

    @Test("Attempts under way at once are told apart by what they are about, in whatever order they end")
    func overlapping() throws {
        var lines: [Entry] = []
        var events: [Entry] = []
        for index in 0..<4 {
            var line = Entry.end("socket.connected", index % 2 == 0 ? 0 : -115, at: 1000)
            line.line["inode"] = String(500 + index)
            line.line["t1"] = "9000"
            line.event["inode"] = .number(500 + index)
            lines.append(line)
            line.event["time"] = .number(8000 - index)
            events.append(line)
        }
        #expect(try compare(lines, events).isRight)
        events[1].event["err"] = -110
        let tally = try compare(lines, events)
        #expect(tally.wrong == 1 && tally.wrongFields == [.init("socket.connected", "err"): 1], "\(tally.differences)")
        events.remove(at: 1)
        #expect(try compare(lines, events).missed == 1)
    }

    @Test("The messages of one call are told apart by where they go")
    func severalMessages() throws {
        var lines: [Entry] = []
        for index in 0..<3 {
            lines.append(
                .send(30, at: 1000, ["remote_port": String(80 + index)], ["remote_port": .number(80 + index)]))
        }
        #expect(try compare(lines, lines.reversed()).isRight)
        var events = lines
        events[2].event["remote_port"] = 80
        #expect(try compare(lines, events).wrong == 1)
    }

    @Test("An attempt that was given up has neither result nor error")
    func givenUp() throws {
        var entry = Entry("socket.connected", at: 1000, ["result": "-"])
        entry.event.merge(["err": .null, "success": 0, "duration": 30]) { _, new in new }
        #expect(try compare([entry]).isRight)
        #expect(try compare([entry]).unknown == 0)
        for (key, value) in [("err", 0), ("err", -111), ("success", 1), ("error", "ECONNREFUSED")] as [(String, Value)]
        {
            var spoilt = entry
            spoilt.event[key] = value
            let tally = try compare([entry], [spoilt])
            #expect(tally.wrong == 1, "\(key) \(value)")
        }
    }

    @Test("A message that failed moved nothing, and says why")
    func failed() throws {
        var entry = Entry.send(-32, at: 1000, [:], ["bytes": 0, "errno": 32, "success": 0, "error": "EPIPE"])
        #expect(try compare([entry]).isRight)
        for (key, value) in [("bytes", -32), ("errno", -32), ("size", 0), ("success", 1)] as [(String, Value)] {
            var spoilt = entry
            spoilt.event[key] = value
            #expect(try compare([entry], [spoilt]).wrong == 1, "\(key)")
        }
        entry.event["error"] = nil
        #expect(try compare([entry]).wrongFields == [.init("socket.send", "error"): 1])
    }

    @Test("How long it took is within the time that it took")
    func durations() throws {
        for (duration, isRight) in [(0, true), (100, true), (101, false), (-1, false)] {
            let entry = Entry.send(3, at: 1000, [:], ["duration": .number(duration)])
            #expect(try compare([entry]).isRight == isRight, "\(duration)")
        }
        for (wait, isRight) in [(10, true), (500, true), (9, false), (501, false)] {
            var entry = EndpointComparisonTests.accepted
            entry.event["backlog_wait"] = .number(wait)
            #expect(try compare([entry]).isRight == isRight, "\(wait)")
        }
    }

    @Test("What may be there may, once")
    func uncertain() throws {
        let entry = Entry("socket.close", at: 1000, ["certain": "0"])
        for (count, extra) in [(0, 0), (1, 0), (2, 1)] {
            let tally = try compare([entry], Array(repeating: entry, count: count))
            #expect(tally.expected == 0 && tally.missed == 0 && tally.extra == extra)
        }
        // A certain one is served first.
        let certain = Entry("socket.close", at: 1000)
        #expect(try compare([entry, certain], [certain]).isRight)
        #expect(try compare([certain, entry], []).missed == 1)
    }

    @Test("What may be there any number of times may, but takes no event from a line that wants it")
    func repeated() throws {
        let many = Entry("socket.close", at: 1000, ["certain": "any", "inode": "?"])
        let one = Entry("socket.close", at: 1000)
        #expect(try compare([many], []).isRight)
        #expect(try compare([many, one], [one, many, many]).isRight)
        #expect(try compare([many, one], []).missed == 1)
        var wrong = many
        wrong.event["comm"] = "another"
        #expect(try compare([many], [wrong]).wrong == 1)
    }

    @Test("What somebody unknown does is found whoever does it")
    func anybody() throws {
        let line = Entry("socket.close", at: 1000, ["pid": "?", "tid": "?", "comm": "?"])
        var event = line
        event.event.merge(["pid": 77, "tid": 78, "comm": "iou-wrk-11"]) { _, new in new }
        #expect(try compare([line], [event]).isRight)
        #expect(try compare([line], []).missed == 1)
        #expect(try compare([line], [event, event]).extra == 1)
        event.event["inode"] = 1
        #expect(try compare([line], [event]).wrong == 1)
    }

    @Test("What other processes do is ignored where the whole system was traced, and only there")
    func others() throws {
        let entry = Entry("socket.close", at: 1000)
        var other = entry
        other.event["tid"] = 99
        #expect(try compare([entry], [entry, other]).extra == 1)
        let tally = try compare([entry], [entry, other, entry]) { $0.ignoresOthers = true }
        #expect(tally.extra == 1, "one more of this one's own is none of another's")
    }

    @Test("An operation whose end nobody saw has no end of its time")
    func endless() throws {
        var entry = Entry("socket.close", at: 1000, ["t1": "-"])
        entry.event["time"] = 999_999_999
        #expect(try compare([entry]).isRight)
        entry.event["time"] = 999
        #expect(try compare([entry]).missed == 1)
    }

    @Test("Only the aliases that were traced are missed")
    func aliases() throws {
        let lines = try EndpointLedger([Entry("socket.close", at: 1000).text, Entry.send(3, at: 2000).text])
        let tally = EndpointComparison(ledger: lines, events: [], aliases: ["socket.close"]).tally()
        #expect(tally.expected == 1 && tally.missed == 1)
    }

    @Test("What is no line is refused; what was skipped is kept with its reason")
    func reading() throws {
        let good = Entry("socket.close", at: 1000).text
        let ledger = try EndpointLedger([good, "skipped=uring why=Function%20not%20implemented"])
        #expect(ledger.lines.count == 1 && ledger.skipped == ["skipped=uring why=Function%20not%20implemented"])
        for bad in ["", "alias=socket.close", "nonsense", good.replacing("t0=1000", with: "t0=9999")] as [Substring] {
            #expect(throws: EndpointLine.NotALine.self, "\(bad)") { try EndpointLedger([bad]) }
        }
    }
}
