import Foundation
import LedgerSupport
import Testing

@Suite("The command connections")
struct ConnectionsCommandTests {
    @Test(
        "Each accepted connection is there once, with its ends and how long it waited", arguments: EndpointFixture.all)
    func accepted(fixture: EndpointFixture) throws {
        let connections = try fixture.objects(["connections"])
        let accepts = try fixture.ledger.lines.filter {
            $0.alias == "socket.accept.return" && $0.number("result") == 0 && $0.number("type") == 1
        }
        #expect(accepts.count > 30)
        for line in accepts {
            let found = connections.filter {
                $0["inode"] as? Int == line.number("inode") && $0["direction"] as? String == "in"
            }
            let connection = try #require(found.first, "\(line)")
            #expect(found.count == 1, "\(line)")
            for key in ["local_address", "remote_address"] {
                if let right = line.only(key[...]) { #expect(connection[key] as? String == right, "\(key): \(line)") }
            }
            for key in ["local_port", "remote_port"] {
                if let right = line.number(key[...]) { #expect(connection[key] as? Int == right, "\(key): \(line)") }
            }
            if let least = line.bound("wait_min"), let most = line.bound("wait_max") {
                let wait = try #require(connection["backlog_wait"] as? Int, "\(line)")
                #expect((least...most).contains(wait), "\(wait): \(line)")
            }
        }
    }

    @Test("Each attempt that failed is there once, with its error", arguments: EndpointFixture.all)
    func failed(fixture: EndpointFixture) throws {
        let connections = try fixture.objects(["connections"])
        let ledger = try fixture.ledger.lines.filter {
            $0.alias == "socket.connected" && $0.isCertain && $0.number("type") == 1
                && ($0.number("result") ?? 0) < 0
        }
        #expect(ledger.count > 20)
        func counted(_ errors: [Int]) -> [Int: Int] { errors.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
        let right = counted(ledger.compactMap { $0.number("result") }.map { -$0 })
        let told = counted(
            connections.filter { !["closed", "open", "reset"].contains($0["end"] as? String) }
                .compactMap { $0["errno"] as? Int })
        #expect(told == right)
    }

    @Test("What went each way is what the calls returned", arguments: EndpointFixture.all)
    func traffic(fixture: EndpointFixture) throws {
        let lines = try fixture.ledger.lines.filter { $0.isMessage && $0.number("type") == 1 }
        // Sockets of which it is certain what each message moved, and that were not connected anew.
        let certain = Dictionary(grouping: lines) { $0.number("inode") }.filter { inode, lines in
            inode != nil && lines.allSatisfy { $0.isCertain && $0.number("result") != nil }
        }
        let connections = Dictionary(grouping: try fixture.objects(["connections"])) { $0["inode"] as? Int }
        var compared = 0
        for (inode, lines) in certain {
            guard let found = connections[inode], found.count == 1, let connection = found.first else { continue }
            func bytes(_ alias: String) -> Int {
                lines.filter { $0.alias == alias }.map { max($0.number("result") ?? 0, 0) }.reduce(0, +)
            }
            #expect(connection["sent_bytes"] as? Int == bytes("socket.send"), "\(connection)")
            #expect(connection["received_bytes"] as? Int == bytes("socket.receive"), "\(connection)")
            compared += 1
        }
        #expect(compared > 40)
    }

    @Test("CSV has the same values as JSON", arguments: EndpointFixture.all)
    func csv(fixture: EndpointFixture) throws {
        let outcome = try Program.run(["connections", "--format", "csv", fixture.path])
        #expect(outcome.status == 0)
        let rows = outcome.output.split(separator: "\n").map { fields($0) }
        let objects = try fixture.objects(["connections"])
        #expect(rows.count == objects.count + 1)
        for (row, object) in zip(rows.dropFirst(), objects) {
            #expect(row.count == rows[0].count)
            for (key, value) in zip(rows[0], row) {
                switch object[key] {
                case let number as NSNumber: #expect(value == number.stringValue, "\(key): \(row)")
                // Names hold backslashes, which CSV shows as text does.
                case let text as String: #expect(value == text || value.contains("\\x"), "\(key): \(row)")
                default: #expect(value.isEmpty, "\(key): \(row)")
                }
            }
        }
    }

    /// The fields of a line of CSV.
    private func fields(_ line: Substring) -> [String] {
        var (fields, isQuoted): ([String], Bool) = ([""], false)
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        return fields
    }

    @Test("Text fits the terminal, and is as it was", arguments: [40, 80, 120, 200])
    func text(width: Int) throws {
        try GoldenText.check("connections", ["connections", EndpointFixture.all[0].path], width: width)
    }
}
