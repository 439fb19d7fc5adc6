internal import ProbeContract
import EventFormats
import RingBuffer
import SocketEvents
import Testing
import TraceTestSupport

private let parser = FormatParser(byteOrder: .little, longSize: 8)

private func parse(_ text: String) throws(FormatError) -> EventFormat {
    try parser.parseFormat(Array(text.utf8), system: "test")
}

/// The formats of a kernel, as it prints them.
@Suite struct FormatParserTests {
    private let kprobe = """
        name: sendmsg_entry
        ID: 1787
        format:
        \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
        \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
        \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
        \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

        \tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;
        \tfield:u64 socket;\toffset:16;\tsize:8;\tsigned:0;
        \tfield:u16 type;\toffset:24;\tsize:2;\tsigned:0;
        \tfield:u64 flags_N2C3S4Z5;\toffset:26;\tsize:8;\tsigned:0;
        \tfield:s32 ret;\toffset:34;\tsize:4;\tsigned:1;

        print fmt: "(%lx) socket=0x%Lx ret=%d", REC->__probe_ip, REC->socket, REC->ret

        """

    private let tracepoint = """
        name: sched_switch
        ID: 316
        format:
        \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
        \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
        \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
        \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

        \tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;
        \tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;
        \tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;
        \tfield:__data_loc char[] name;\toffset:40;\tsize:4;\tsigned:0;

        print fmt: "prev_comm=%s ==> %s", REC->prev_comm, (REC->prev_state & ((((0x0 | 0x1) + 1) << 1) - 1)) ? \
        __print_flags(REC->prev_state, "|", { 0x1, "S" }) : "R"

        """

    @Test func `A probe event's fields lie where its format says`() throws {
        let format = try parse(kprobe)
        #expect(format.name == "sendmsg_entry")
        #expect(format.system == "test")
        #expect(format.id == 1787)
        #expect(
            format.fields.map(\.name) == [
                "common_type", "common_flags", "common_preempt_count", "common_pid", "__probe_ip", "socket", "type",
                "flags_N2C3S4Z5", "ret",
            ])
        let flags = try #require(format.field("flags_N2C3S4Z5"))
        #expect([flags.offset, flags.size] == [26, 8])
        #expect(!flags.isSigned && !flags.isArray && !flags.isDynamic)
        #expect(format.field("ret")?.isSigned == true)
        #expect(format.field("absent") == nil)
    }

    @Test func `A tracepoint's arrays and dynamic fields are known as such`() throws {
        let format = try parse(tracepoint)
        let comm = try #require(format.field("prev_comm"))
        #expect(comm.isArray && comm.size == 16 && comm.offset == 8)
        #expect(format.field("name")?.isDynamic == true)
        #expect(format.field("prev_state")?.isSigned == true)
    }

    @Test func `The print format is not looked at, whatever it holds`() throws {
        let head = String(kprobe[..<(try #require(kprobe.firstRange(of: "print fmt"))).lowerBound])
        let whole = try parse(kprobe)
        #expect(try parse(head) == whole)
        #expect(try parse(head + "print fmt: ((((((((((\u{1}\u{0}") == whole)
    }

    @Test func `A format says its fields in any order of lines`() throws {
        #expect(
            try parse(kprobe.replacing("\n\n\tfield:unsigned long", with: "\n\tfield:unsigned long")).fields.count == 9)
    }

    @Test func `The page header of a 64-bit kernel`() throws {
        let text = """
            \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
            \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
            \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
            \tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;

            """
        let layout = try parser.parseHeaderPage(Array(text.utf8), byteOrder: .little)
        #expect(layout == .standard())
        let large = text.replacing("4080", with: "65520")
        #expect(
            try parser.parseHeaderPage(Array(large.utf8), byteOrder: .big) == .standard(size: 65536, byteOrder: .big))
    }

    @Test func `The page header of a 32-bit kernel`() throws {
        let text = """
            \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
            \tfield: local_t commit;\toffset:8;\tsize:4;\tsigned:1;
            \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
            \tfield: char data;\toffset:12;\tsize:4084;\tsigned:1;

            """
        let layout = try FormatParser(byteOrder: .little, longSize: 4)
            .parseHeaderPage(Array(text.utf8), byteOrder: .little)
        #expect(layout == .standard(bits: 32))
    }

    @Test(arguments: [
        ("4080", "0"), ("4080", "-1"), ("4080", "99999999999999999999"), ("offset:16", "offset:-16"),
        ("commit", "omit"), ("data", "date"), ("size:8;\tsigned:1", "size:3;\tsigned:1"), ("4080", "4081"),
    ])
    func `A page header that cannot be is refused`(old: String, new: String) {
        let text = """
            \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
            \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
            \tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;

            """
        #expect(throws: FormatError.self) {
            try parser.parseHeaderPage(Array(text.replacing(old, with: new).utf8), byteOrder: .little)
        }
    }

    // MARK: Hostile texts

    @Test func `Texts that are none are refused`() {
        #expect(throws: FormatError.notText) { try parser.parseFormat([0x6e, 0, 0x6d], system: "test") }
        #expect(throws: FormatError.notText) { try parser.parseFormat(Array("näme: x\n".utf8), system: "test") }
        #expect(throws: FormatError.self) { try parse("") }
        #expect(throws: FormatError.self) { try parse("name: x") }
        #expect(throws: FormatError.self) { try parse("name: x\nID: 70000\nformat:\n") }
        #expect(throws: FormatError.self) { try parse("name: x\nID: -1\nformat:\n") }
    }

    @Test func `A text of unbearable length is refused before it is parsed`() {
        let long = kprobe.replacing("socket", with: String(repeating: "s", count: 1 << 17))
        #expect(throws: FormatError.tooLong) { try parse(long) }
        let many =
            "name: x\nID: 1\nformat:\n"
            + String(repeating: "\tfield:int a;\toffset:8;\tsize:4;\tsigned:1;\n", count: 9_999)
        #expect(throws: FormatError.tooLong) { try parse(many) }
    }

    @Test func `Odd numbers stay what they are and break nothing`() throws {
        for (old, new) in [
            ("offset:16", "offset:-16"), ("offset:16", "offset:99999999"), ("size:8", "size:-8"), ("size:8", "size:0"),
            ("size:8", "size:4294967295"), ("offset:16", "offset:0x10"), ("size:8", "size:"), ("socket", ""),
            ("\tfield:u16 type", "\tfield:u64 socket"), ("signed:0", "signed:7"), ("u64 socket", "u64 socket[-5]"),
            ("u64 socket", "__data_loc u64 socket"), ("u64 socket", "__rel_loc char[] socket"), ("u64 socket", "u64 *"),
        ] {
            // Refused or read, as libtraceevent sees fit; what is read goes through the checks of field plans.
            guard let format = try? parse(kprobe.replacing(old, with: new)) else { continue }
            for field in format.fields {
                _ = FieldPlan(offset: field.offset, width: field.size, isSigned: field.isSigned)
            }
        }
    }

    @Test func `Of a field that is there twice the first counts`() throws {
        let format = try parse(kprobe.replacing("\tfield:u16 type", with: "\tfield:u64 socket"))
        #expect(format.field("socket")?.offset == 16)
    }

    @Test func `A text cut anywhere is read or refused`() {
        for text in [kprobe, tracepoint] {
            let bytes = Array(text.utf8)
            for end in bytes.indices { _ = try? parser.parseFormat(bytes[..<end], system: "test") }
        }
    }

    @Test func `Texts with random changes are read or refused`() {
        var random = SeededGenerator(seed: 9)
        let pieces = [
            ";", ":", "[", "]", "(", ")", "\n", "\t", "\"", "field:", "offset:", "*", "-", "9999999", "__data_loc",
        ]
        for text in [kprobe, tracepoint] {
            for _ in 0..<2_000 {
                var bytes = Array(text.utf8)
                for _ in 0..<Int.random(in: 1...5, using: &random) {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch UInt8.random(in: 0..<4, using: &random) {
                    case 0: bytes[place] = UInt8.random(in: 0x20..<0x7f, using: &random)
                    case 1: bytes.remove(at: place)
                    case 2:
                        let end = min(bytes.count, place + Int.random(in: 0...80, using: &random))
                        bytes.removeSubrange(place..<end)
                    default:
                        bytes.insert(
                            contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &random)].utf8, at: place)
                    }
                    if bytes.isEmpty { break }
                }
                _ = try? parser.parseFormat(bytes, system: "test")
            }
        }
    }

    @Test func `The scripts of other tests print formats as the kernel does`() throws {
        var trace = TraceScript()
        trace.fork(8, comm: "x")
        trace.rename([0x79])
        trace.enter(.close, .tcp)
        let formats = try trace.formats()
        #expect(formats.prefix(3).map(\.name) == ["task_newtask", "task_rename", "close_entry"])
        #expect(formats[0].field("clone_flags")?.offset == 32)
        #expect(formats[1].field("newcomm")?.offset == 28)
        #expect(formats[2].field("sk")?.size == 8)
    }
}
