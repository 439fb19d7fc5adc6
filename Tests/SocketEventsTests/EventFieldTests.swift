import EventFormats
import ProbeContract
import Testing
import TraceTestSupport

@testable import SocketEvents

/// The table of fields, and what is written by hand beside it.
@Suite struct EventFieldTests {
    @Test func `Each field has a bit and a key of its own, and there is room for forty`() {
        let schemas = EventField.allCases.map(\.schema)
        #expect(Set(schemas.map(\.bit)).count == schemas.count)
        #expect(Set(EventField.allCases.flatMap(\.keys)).count == EventField.allCases.flatMap(\.keys).count)
        #expect(schemas.allSatisfy { Int($0.bit) < Alias.Arguments.RawValue.bitWidth })
        #expect(Alias.Arguments.RawValue.bitWidth >= 40)
    }

    @Test func `What an event was given it has, field by field, and nothing more`() {
        var event = SocketEvent(alias: .createReturn, time: 5, cpu: 2, tid: 9)
        let always: [EventField] = [.name, .time, .cpu, .tid]
        func known() -> [EventField] { EventField.allCases.filter { event.value(of: $0) != nil } }
        #expect(known() == always)
        let steps: [(EventField, EventValue, (inout SocketEvent) -> Void)] = [
            (.pid, .number(8), { $0.pid = 8 }), (.comm, .name(TaskName("a".utf8)), { $0.comm = TaskName("a".utf8) }),
            (.socket, .word(0xff), { $0.socket = 0xff }), (.size, .number(-11), { $0.size = -11 }),
            (.protocol, .number(6), { $0.protocol = 6 }), (.family, .number(2), { $0.family = 2 }),
            (.state, .number(3), { $0.state = 3 }), (.flags, .word(.max), { $0.flags = .max }),
            (.type, .number(1), { $0.type = 1 }), (.requester, .number(0), { $0.requester = 0 }),
            (.err, .number(-13), { $0.err = -13 }), (.success, .flag(true), { $0.success = true }),
            (.via, .text("sendpage"), { $0.via = .sendpage }), (.duration, .word(7), { $0.duration = 7 }),
        ]
        for (count, (field, value, set)) in steps.enumerated() {
            set(&event)
            #expect(event.value(of: field) == value)
            // What follows of others counts by itself: bytes of size and success.
            let own = known().filter { $0 != .bytes && $0 != .errno && $0 != .tcpState }
            #expect(own.count == always.count + count + 1)
            if ![.success].contains(field) {
                #expect(event.facts.known.contains(Alias.Arguments(field)))
            }
        }
        event.success = false
        #expect(event.value(of: .error) == .text("EACCES"))
        event.tcpState = 1
        let beside: [EventField] = EventField.details + [.backlog, .how]
        #expect(known() == EventField.allCases.filter { !beside.contains($0) })
        #expect(event.value(of: .bytes) == .word(0) && event.value(of: .errno) == .number(13))
    }

    @Test func `Aliases carry what the tapset gives them, and an error where they tell of success`() {
        #expect(EventField.requester.aliases == [.create, .createReturn])
        #expect(EventField.via.aliases == [.send, .receive])
        #expect(EventField.error.aliases == Alias.allCases.filter { $0.arguments.contains(.success) })
        #expect(EventField.comm.aliases == Alias.allCases)
        #expect(Alias.closeReturn.arguments.names == ["duration"])
        #expect(
            Alias.createReturn.arguments.names == [
                "socket", "inode", "errno", "protocol", "family", "local_address", "local_port", "remote_address",
                "remote_port", "remote_inode", "tcp_state", "type", "requester", "err", "success", "duration",
            ])
    }

    @Test func `Every field that records have is loaded into the field that the table names`() throws {
        var trace = TraceScript()
        trace.enter(.sendmsg, .tcp, size: 64)
        trace.enterCreate(family: 2, type: 1, protocol: 6, requester: 1)
        let facts = try trace.formats().map { EventPlanTable(formats: [$0]) }.flatMap { table in
            table.plans.map(\.facts)
        }.reduce(into: Alias.Arguments()) { $0.formUnion($1) }
        let loaded = EventField.allCases.filter { field in EventPlan.loads.contains { $0.field == field } }
        #expect(loaded == [.socket, .size, .protocol, .family, .state, .flags, .type, .requester])
        // Of family and protocol each record has to tell by itself.
        #expect(facts.fields == loaded.filter { $0 != .family && $0 != .protocol })
    }
}
