import SocketEvents
import Testing

@testable import EventOutput

/// What is rendered by hand, held to the table of fields.
@Suite struct FieldTableTests {
    /// The keys of a JSON object in their order. No value of the samples holds a quote and a colon.
    private func keys(_ json: String) -> [String] {
        json.matches(of: /[{,]"([a-z_]+)":/).map { String($0.output.1) }
    }

    private func keys(of alias: Alias, failed: Bool) -> [String] {
        // The samples are TCP's: UNIX sockets alone have the inode of their peer.
        EventField.allCases.filter { $0.isCarried(by: alias) && ($0 != .error || failed) && $0 != .remoteInode }
            .flatMap(\.keys)
    }

    @Test(arguments: Alias.allCases)
    func `JSON has the keys of the fields that an alias carries, in their order`(alias: Alias) {
        #expect(keys(line(Sample.full(alias), as: .json)) == keys(of: alias, failed: false))
        #expect(
            keys(line(SocketEvent(alias: alias, time: 0, cpu: 0, tid: 0), as: .json)) == keys(of: alias, failed: false))
        guard alias.arguments.contains(.success) else { return }
        var failed = Sample.full(alias)
        (failed.success, failed.size) = (false, -11)
        #expect(keys(line(failed, as: .json)) == keys(of: alias, failed: true))
    }

    @Test(arguments: Alias.allCases)
    func `CSV has the values of the fields in the columns of their keys`(alias: Alias) {
        let event = Sample.located(alias)
        let batch = TraceBatch([.event(event)])
        let columns = CSVRenderer.columns
        let cells = line(.event(event), as: .csv).split(separator: ",", omittingEmptySubsequences: false).map(
            String.init)
        #expect(cells.count == columns.count)
        for field in EventField.allCases {
            let index = columns.firstIndex(of: field.keys[0])
            let cell = index.map { cells[$0] }
            guard field.isCarried(by: alias), let value = batch.value(of: field, at: 0) else {
                #expect(cell?.isEmpty == true, "\(field)")
                continue
            }
            #expect(cell == Self.text(value, field.schema.form), "\(field)")
        }
    }

    private static func text(_ value: EventValue, _ form: EventField.Form) -> String {
        switch value {
        case .number(let number): String(number)
        case .word(let word):
            form == .address
                ? "0x" + String(repeating: "0", count: 16 - String(word, radix: 16).count) + String(word, radix: 16)
                : String(word)
        case .flag(let flag): flag ? "1" : "0"
        case .name(let name): name.description
        case .text(let text): text
        case .address(let address): (0..<address.count).map { String(address[$0]) }.joined(separator: ".")
        }
    }

    @Test func `Each column of text has a field, a title and a name of its own`() {
        let columns = TextColumn.allCases
        #expect(Set(columns.map(\.traits.title.description)).count == columns.count)
        for column in columns {
            #expect(TextColumn.named(column.rawValue.uppercased()) == column)
            #expect(TextColumn.named(column.traits.title.description) == column)
            #expect(TextColumn.named(column.traits.field.schema.key.description)?.traits.field == column.traits.field)
            #expect(column.traits.title.utf8CodeUnitCount <= column.traits.width, "\(column)")
        }
        #expect(TextColumn.named("nothing") == nil)
    }
}
