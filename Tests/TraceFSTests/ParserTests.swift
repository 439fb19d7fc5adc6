import Testing

@testable import TraceFS

@Suite struct ErrorLogTests {
    let log = ErrorLog(
        """
        [ 1468.091721] trace_uprobe: error: Failed to find the given file
          Command: p:zzt_1/x /bin/nosuch:0x1234
                             ^
        [ 1468.091809] trace_uprobe: error: Invalid register name
          Command: p:zzt_1/x /bin/true:0x1234 a=%zz
                                                ^
        [ 1469.000001] event filter parse error: error: Field not found
          Command: nosuch == 1
                   ^

        """)

    @Test func entryIsFoundByItsCommandWithItsCaret() throws {
        let entry = try #require(log.entry(for: "p:zzt_1/x  /bin/true:0x1234\ta=%zz"))
        #expect(
            entry.text == """
                trace_uprobe: error: Invalid register name
                  p:zzt_1/x /bin/true:0x1234 a=%zz
                                               ^
                """)
    }

    @Test func anothersCommandIsNotOurs() {
        #expect(log.entry(for: "p:zzt_1/x /bin/true:0x1235 a=%zz") == nil)
    }

    @Test func emptyLogAndStrayLinesGiveNothing() {
        #expect(ErrorLog("").entries.isEmpty)
        #expect(ErrorLog("  Command: x\n   ^\n").entries.isEmpty)
        #expect(log.entries.count == 3)
    }
}

@Suite struct DefinitionTests {
    @Test(arguments: [
        ("p:kprobes/a sock_sendmsg+0 size=%si", "p", "kprobes", "a"),
        ("r64:sockftrace_12/b_return sock_recvmsg", "r", "sockftrace_12", "b_return"),
        ("f:x/y vfs_read%return", "f", "x", "y"),
        ("s:synthetic/z u64 lat;", "s", "synthetic", "z"),
        ("-:g/e", nil, nil, nil),
        ("p:onlyname sym", nil, nil, nil),
        ("p:/e sym", nil, nil, nil),
        ("p sym", nil, nil, nil),
        ("r6x:g/e sym", nil, nil, nil),
        ("", nil, nil, nil),
    ])
    func lineIsReadOrRefused(line: String, kind: String?, group: String?, event: String?) {
        let definition = EventDefinition(line)
        #expect(definition?.kind == kind)
        #expect(definition?.name.group == group)
        #expect(definition?.name.event == event)
    }
}

@Suite struct StatisticsTests {
    @Test func everyLineIsRead() {
        let stats = CPUStatistics(
            """
            entries: 129
            overrun: 7
            commit overrun: 1
            bytes: 5260
            oldest event ts: 12271.051335
            now ts: 12271.513000
            dropped events: 2
            read events: 42

            """)
        #expect(stats.entries == 129 && stats.overrun == 7 && stats.commitOverrun == 1 && stats.bytes == 5260)
        #expect(stats.oldest == 12_271_051_335_000 && stats.now == 12_271_513_000_000)
        #expect(stats.dropped == 2 && stats.readEvents == 42 && stats.lost == 10)
    }

    @Test func clockOfTicksHasNoFraction() {
        #expect(CPUStatistics("now ts: 7366398\n").now == 7_366_398)
    }

    @Test func missingLinesAreZero() {
        #expect(CPUStatistics("").lost == 0)
    }
}

@Suite struct KprobeProfileTests {
    let listing = ["p:a/x f+0", "r8:b/x f", "p:b/y g+0", "p:b/y g+4"].compactMap { EventDefinition($0) }

    @Test func groupsAreToldApartByOrder() {
        let profile = KprobeProfile(
            profile: "  x      10     1\n  x      20     2\n  y     5   0\n  y    6    3\n", definitions: listing,
            group: "b")
        #expect(profile.events == ["x": .init(hits: 20, missed: 2), "y": .init(hits: 11, missed: 3)])
        #expect(profile.missed == 5)
    }

    @Test func namesDecideWhenTheListsDisagree() {
        let profile = KprobeProfile(profile: "  x   10   1\n  z   1   9\n", definitions: listing, group: "b")
        #expect(profile.events == ["x": .init(hits: 10, missed: 1)])
    }

    @Test func kernelWithoutAProfileHasNone() throws {
        #expect(try StandIn().directory.dynamicEvents.profile(of: "b") == nil)
    }
}

@Suite struct SmallParserTests {
    @Test func subBufferIsHeaderAndData() {
        let header = """
            \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
            \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
            \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
            \tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;

            """
        #expect(BufferDirectory.subBufferSize(headerPage: header) == 4096)
        #expect(BufferDirectory.subBufferSize(headerPage: "field: int overwrite;") == nil)
    }

    @Test(arguments: [("7 (expanded: 1408)\n", 7), ("1410\n", 1410), (" 3\n", 3), ("X\n", nil), ("", nil)])
    func numberLeadsARemark(text: String, number: Int?) {
        #expect(ControlFile.leadingNumber(text) == number)
    }

    @Test(arguments: [("0-3\n", 4), ("0\n", 1), ("0-1,4-5,9\n", 5), ("x\n", nil)])
    func cpuListIsCounted(text: String, count: Int?) {
        #expect(SystemInfo.count(ofList: text) == count)
    }

    @Test func lockdownIsTheWordInBrackets() throws {
        let standIn = try StandIn()
        try standIn.put("lockdown", "none integrity [confidentiality]\n")
        #expect(SystemInfo.lockdown(path: standIn.path + "/lockdown") == .confidentiality)
        #expect(SystemInfo.lockdown(path: standIn.path + "/absent") == nil)
    }

    @Test func runningSystemIsDescribed() {
        let facts = SystemInfo.current()
        #expect(!facts.release.isEmpty && !facts.machine.isEmpty)
        #expect((facts.onlineCPUs ?? 0) >= 1)
    }
}
