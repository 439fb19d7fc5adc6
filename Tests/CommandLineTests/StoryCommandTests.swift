import Foundation
import LedgerSupport
import Testing

@Suite("The stories of sockets that report tells")
struct StoryCommandTests {
    @Test("Every socket that was made has one story, from its creation to its close", arguments: EndpointFixture.all)
    func births(fixture: EndpointFixture) throws {
        let stories = try fixture.objects(["report", "--story", "--all"])
        let lines = try fixture.ledger.lines
        for (alias, birth) in [("socket.create.return", "created"), ("socket.accept.return", "accepted")] {
            let births = lines.filter { $0.alias == alias && $0.isCertain && $0.number("result") == 0 }
            #expect(births.count > 30)
            for line in births {
                let found = stories.filter { $0["inode"] as? Int == line.number("inode") }
                #expect(found.count == 1 && found.first?["birth"] as? String == birth, "\(line)")
            }
        }
        let closed = lines.filter { $0.alias == "socket.close" && $0.isCertain && $0.number("inode") != nil }
        #expect(closed.count > 100)
        for line in closed {
            let found = stories.filter { $0["inode"] as? Int == line.number("inode") }
            #expect(found.count == 1 && found.first?["end"] as? String == "closed", "\(line)")
        }
    }

    @Test("It has each message and each failure that the ledger has, in their order", arguments: EndpointFixture.all)
    func steps(fixture: EndpointFixture) throws {
        let stories = Dictionary(
            grouping: try fixture.objects(["report", "--story", "--steps", "1000000", "--all"])
        ) { $0["inode"] as? Int }
        let known: Set = [
            "socket.send", "socket.receive", "socket.connected", "socket.bind.return", "socket.listen.return",
            "socket.shutdown.return", "socket.close",
        ]
        let ledger = Dictionary(grouping: try fixture.ledger.lines.filter { known.contains($0.alias) }) {
            $0.number("inode")
        }
        var compared = 0
        for (inode, lines) in ledger {
            // What threads did at the same time has no order, and what is not certain may be missing.
            guard let inode, let story = stories[inode]?.first, lines.allSatisfy({ $0.isCertain && !$0.isRepeated }),
                Set(lines.map(\.tid)).count == 1, let steps = story["steps"] as? [[String: Any]]
            else { continue }
            let told = steps.filter { known.contains($0["name"] as? String ?? "") }
            let inOrder = lines.sorted { $0.window.upperBound < $1.window.upperBound }
            // A send that connects (fast open) is two events of one call.
            guard zip(inOrder, inOrder.dropFirst()).allSatisfy({ $0.window.upperBound < $1.window.lowerBound }) else {
                continue
            }
            #expect(told.map { $0["name"] as? String } == inOrder.map { $0.alias }, "\(inode)")
            for (step, line) in zip(told, inOrder) {
                guard let result = line.number("result") else { continue }
                if result < 0 {
                    #expect(step["errno"] as? Int == -result, "\(line)")
                } else if line.isMessage {
                    #expect(step["bytes"] as? Int == result, "\(line)")
                }
            }
            compared += 1
        }
        #expect(compared > 100)
    }

    @Test("Text fits the terminal, and is as it was", arguments: [40, 80, 120, 200])
    func text(width: Int) throws {
        try GoldenText.check(
            "story",
            ["report", EndpointFixture.all[0].path, "--story", "--steps", "6", "--time", "relative"]
                + ["--family", "inet"], width: width)
    }

    @Test("What a story cannot be combined with is refused")
    func usage() throws {
        for arguments in [
            ["--story", "--format", "csv"], ["--story", "--probe", "socket.send"], ["--story", "--columns", "time"],
            ["--story", "--steps", "1"], ["--steps", "10"], ["--story", "--count", "3"],
        ] {
            let outcome = try Program.run(["report", EndpointFixture.all[0].path] + arguments)
            #expect(outcome.status == 2 && outcome.messages.contains("--st"), "\(arguments): \(outcome)")
        }
    }
}
