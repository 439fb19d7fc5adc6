import Foundation
import SocketEvents
import ProbeContract
import Testing

@testable import ProbePlanning
@testable import KernelLayout

/// Tables of protocols in the memory of a made-up kernel, whose symbols were recorded from a real one.
private struct MadeUpTables {
    let kallsyms: [UInt8]
    /// All of them, by address.
    private let symbols: [(address: UInt64, name: String)]
    /// Where a table has its family, sendmsg and recvmsg.
    var family = 0
    var sending = 136
    var receiving = 144
    /// Another place that holds the same as that of sendmsg.
    var secondSending: Int?

    private static let size = 240

    init(_ kallsyms: [UInt8]) {
        self.kallsyms = kallsyms
        symbols = String(decoding: kallsyms, as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split { $0 == " " || $0 == "\t" }
            return UInt64(words[0], radix: 16).map { ($0, String(words[2])) }
        }.sorted { $0.0 < $1.0 }
    }

    /// The symbols of a kernel; of one where several functions are named raw_sendmsg, unless another is asked for.
    static func recorded(_ kernel: String = "6.1-nobpf-notrace") throws -> MadeUpTables {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../fixtures/kernels/\(kernel)/symbols").standardized
        return MadeUpTables(Array(try Data(contentsOf: file)))
    }

    /// The addresses of all functions of a name.
    private func addresses(_ name: String) -> [UInt64] {
        symbols.filter { $0.name == name }.map(\.address)
    }

    /// Family, sendmsg and recvmsg of tables, by their names.
    private func contents(of table: String) -> (family: UInt64, sending: UInt64, receiving: UInt64)? {
        func functions(_ stem: String, _ place: Int = 0) -> (UInt64, UInt64)? {
            let (sending, receiving) = (addresses(stem + "_sendmsg"), addresses(stem + "_recvmsg"))
            guard sending.indices.contains(place), receiving.indices.contains(place) else { return nil }
            return (sending[place], receiving[place])
        }
        let known: [String: (family: UInt64, functions: (UInt64, UInt64)?)] = [
            "inet_stream_ops": (2, functions("inet")), "inet_dgram_ops": (2, functions("inet")),
            "inet_sockraw_ops": (2, functions("inet")), "inet6_dgram_ops": (10, functions("inet6")),
            "unix_stream_ops": (1, functions("unix_stream")), "unix_dgram_ops": (1, functions("unix_dgram")),
            "unix_seqpacket_ops": (1, functions("unix_seqpacket")), "netlink_ops": (16, functions("netlink")),
            "packet_ops": (17, functions("packet")), "j1939_ops": (29, functions("j1939_sk")),
            // The first of that name is IPv4's, and in no table.
            "raw_ops": (29, functions("raw", 1)),
            // Tables of something else, though there are functions at the same places.
            "socket_file_ops": (0, functions("inet")), "pty_unix98_ops": (70_000, functions("inet")),
        ]
        guard let entry = known[table], let (sending, receiving) = entry.functions else { return nil }
        return (entry.family, sending, receiving)
    }

    /// A table's memory, and something else's where there is none.
    private func memory(of table: String, at address: UInt64) -> [UInt8] {
        var memory = (0..<Self.size).map { UInt8(truncatingIfNeeded: UInt64($0) &* 37 &+ address >> 4) | 1 }
        if let contents = contents(of: table) {
            memory.put(contents.family, at: family, width: 4)
            for place in [sending] + (secondSending.map { [$0] } ?? []) {
                memory.put(contents.sending, at: place, width: 8)
            }
            memory.put(contents.receiving, at: receiving, width: 8)
        }
        return memory
    }

    /// Reads as the kernel would for us.
    private func read(_ window: ProtoOpsScan.Window) -> MemoryDump? {
        guard let symbol = symbols.last(where: { $0.address <= window.address }) else { return nil }
        let memory = memory(of: symbol.name, at: symbol.address)
        let start = Int(window.address - symbol.address)
        guard start < memory.count else { return nil }
        return MemoryDump(Array(memory[start...].prefix(window.words * 8)))
    }

    /// What is found with such answers.
    func search(trustsNames: Bool = true) throws -> ProtocolFunctions? {
        let search = try #require(ProtoOpsScan(kallsyms: kallsyms, wordSize: 8, trustsNames: trustsNames))
        return search.run { $0.map(read) }
    }
}

@Suite("The protocols' own functions, found through their tables") struct ProtocolSearchTests {
    @Test("Members are found wherever a kernel has them", arguments: [(0, 136, 144), (8, 32, 96), (200, 192, 16)])
    func members(family: Int, sending: Int, receiving: Int) throws {
        var tables = try MadeUpTables.recorded()
        let expected = try tables.search()
        (tables.family, tables.sending, tables.receiving) = (family, sending, receiving)
        #expect(try tables.search() == expected && expected != nil)
    }

    @Test(arguments: [
        "5.10", "6.1", "6.12", "newest", "5.10-nobpf", "6.1-nobpf", "6.1-nobpf-notrace", "6.12-nobpf",
    ])
    func `The protocols that every kernel has are found in the symbols of each`(kernel: String) throws {
        let found = try #require(try MadeUpTables.recorded(kernel).search())
        let stems = ["inet", "inet6", "netlink", "packet", "unix_dgram", "unix_seqpacket", "unix_stream"]
        for stem in stems {
            #expect(found.sending.contains(.init(stem + "_sendmsg")), "\(found.sending)")
            #expect(found.receiving.contains(.init(stem + "_recvmsg")), "\(found.receiving)")
        }
        #expect(found.sending.count == stems.count + (kernel.hasSuffix("-notrace") ? 2 : 0))
    }

    @Test func `A function is probed by its name where that is its own, else by the way from another`() throws {
        let tables = try MadeUpTables.recorded()
        let found = try #require(try tables.search())
        #expect(
            found.sending == [
                .init("inet6_sendmsg"), .init("inet_sendmsg"), .init("j1939_sk_sendmsg"), .init("netlink_sendmsg"),
                .init("packet_sendmsg"), .init("raw_ops.sendmsg", place: "raw_getsockopt+464"),
                .init("unix_dgram_sendmsg"), .init("unix_seqpacket_sendmsg"), .init("unix_stream_sendmsg"),
            ])
        #expect(found.receiving.contains(.init("raw_ops.recvmsg", place: "raw_rcv+480")))
        #expect(found.tables == 11)
    }

    @Test func `Where names are not trusted each is probed by the way from another`() throws {
        let found = try #require(try MadeUpTables.recorded().search(trustsNames: false))
        #expect(found.sending.count == 9)
        #expect(found.sending.allSatisfy { $0.place?.contains("+") == true && $0.symbol.hasSuffix("_ops.sendmsg") })
        #expect(found.sending.contains(.init("j1939_ops.sendmsg", place: "j1939_sk_release+512")))
    }

    @Test func `A module's function whose name others have, too, is named with its module`() throws {
        var text = String(decoding: try MadeUpTables.recorded().kallsyms, as: UTF8.self)
        text.replace("t raw_sendmsg\nffffffff813dc630", with: "t raw_sendmsg\t[can_raw]\nffffffff813dc630")
        let found = try #require(try MadeUpTables(Array(text.utf8)).search())
        #expect(found.sending.contains(.init("can_raw:raw_sendmsg")))
    }

    @Test(
        "Where kallsyms shows no addresses or no data, nothing is looked for",
        arguments: ["0000000000000000 d inet_stream_ops\n", "ffffffff81000000 T inet_sendmsg\n", ""])
    func nothing(kallsyms: String) {
        #expect(ProtoOpsScan(kallsyms: Array(kallsyms.utf8), wordSize: 8) == nil)
    }

    @Test func `Where the known tables leave a choice of places, none is taken`() throws {
        var tables = try MadeUpTables.recorded()
        tables.secondSending = 160
        #expect(try tables.search() == nil)
    }

    @Test func `What cannot be read is no table`() throws {
        let tables = try MadeUpTables.recorded()
        let search = try #require(ProtoOpsScan(kallsyms: tables.kallsyms, wordSize: 8))
        #expect(search.run { $0.map { _ in nil } } == nil)
    }

    @Test func `What was found is planned under names that say what it is`() throws {
        let found = try #require(try MadeUpTables.recorded().search())
        var symbols = KernelSymbols(names: ["__sys_sendto", "sock_write_iter", "inet_sendmsg", "unix_stream_sendmsg"])
        for function in found.sending { symbols.add(function.symbol) }
        var request = PlanRequest(symbols: symbols, layout: .debian61, aliases: AliasSet([.send]))
        request.protocols = .known.joined(with: found)
        let plan = ProbePlan(for: request)
        let calls = plan.probes.filter { $0.event.role == .protoSendmsg && $0.event.side == .entry }
        #expect(calls.count == 9)
        let raw = try #require(calls.first { $0.symbol == "raw_ops.sendmsg" })
        #expect(
            raw.text(group: "g").hasPrefix(
                "p:g/proto_sendmsg_entry__raw_ops_sendmsg raw_getsockopt+464 socket=$arg1:x64"))
        // Of a function that is in both lists there is one probe.
        #expect(Set(plan.probes.map(\.event.text)).count == plan.probes.count)
        for probe in plan.probes { #expect(ProbeEventName(parsing: probe.event.text) == probe.event) }
    }

    @Test func `An event's name holds what is left of a function's`() {
        #expect(FrameEventName.word(for: "can_raw:raw_sendmsg.llvm.12") == "can_raw_raw_sendmsg_llvm_12")
        let long = FrameEventName(
            role: .protoSendmsg, side: .return, function: FrameEventName.word(for: String(repeating: "x", count: 100)))
        #expect(long.text.utf8.count == 63)
    }

    @Test func `They are needed where something that shows a message's socket is absent`() {
        let all = [
            "security_socket_sendmsg", "____sys_sendmsg", "sock_sendmsg", "sock_write_iter", "security_socket_recvmsg",
            "____sys_recvmsg", "sock_recvmsg", "sock_read_iter",
        ]
        #expect(!ProbePlan.needsProtocols(KernelSymbols(names: all)))
        for name in all { #expect(ProbePlan.needsProtocols(KernelSymbols(names: all.filter { $0 != name }))) }
    }
}
