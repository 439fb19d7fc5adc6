import RingBuffer
import SystemPackage
import Testing

@testable import TraceDat

/// Archives as BusyBox's tar makes them (POSIX.1-1988), and such as nobody's does.
@Suite("What the shell recorder packs is read where it lies")
struct TarArchiveTests {
    private static let mark = "sockftrace capture 1\nendian big\nlong 4\npage 4096\nclock mono\n"
    private static let page = [UInt8](repeating: 7, count: 4096)

    private func open(_ bytes: [UInt8]) throws -> (contents: FileContents?, error: TraceDatError?) {
        let folder = try Folder()
        try write(bytes, to: folder.file("capture.tar"))
        do throws(TraceDatError) {
            return (try FileContents.read(try FileReader(path: FilePath(folder.file("capture.tar")))), nil)
        } catch {
            return (nil, error)
        }
    }

    private var capture: TarForger {
        var forger = TarForger()
        forger.add("sockftrace", Array(Self.mark.utf8))
        forger.add("kernel", Array("Linux board 6.1.0 #1 armv7l\n".utf8))
        forger.add("header_page", Array("page\n".utf8))
        forger.add("header_event", Array("event\n".utf8))
        forger.add("notes", Array("sockftrace notes 1\n".utf8))
        forger.add("saved_cmdlines", Array("7 sh\n".utf8))
        forger.add("events/", [], kind: "5")
        forger.add("events/sock/inet_sock_set_state/format", Array("name: inet_sock_set_state\n".utf8))
        forger.add("per_cpu/cpu10/trace_pipe_raw", Self.page + Self.page)
        forger.add("per_cpu/cpu2/stats", Array("entries: 3\n".utf8))
        forger.add("./per_cpu/cpu2/trace_pipe_raw", Self.page)
        return forger
    }

    @Test func `All of it is found, whatever its order`() throws {
        let contents = try #require(try open(capture.finished).contents)
        let header = contents.header
        #expect(header.byteOrder == .big && header.longSize == 4 && header.pageSize == 4096)
        #expect(contents.headerPage == Array("page\n".utf8) && contents.headerEvent == Array("event\n".utf8))
        #expect(contents.formats.map(\.system) == ["sock"])
        #expect(contents.commandLines == Array("7 sh\n".utf8) && contents.extensionData != nil)
        #expect(contents.uname == "Linux board 6.1.0 #1 armv7l" && contents.buffers.map(\.clock) == ["mono"])
        let cpus = contents.buffers[0].cpus
        #expect(cpus.map(\.cpu) == [2, 10] && cpus.map(\.size) == [4096, 8192])
        #expect(contents.cpuStats == ["CPU: 2\nentries: 3\n"] && contents.damage.isEmpty)
    }

    @Test func `Cut short at any block it is read as far as it goes, and says so`() throws {
        let whole = capture.finished
        var read = 0
        // Without the two empty blocks at its end nothing is missing but these.
        for count in stride(from: 512, to: whole.count - 1024, by: 512) {
            let (contents, error) = try open(Array(whole[..<count]))
            if let contents {
                #expect(!contents.damage.isEmpty, "\(count)")
                read += 1
            } else {
                #expect(error?.kind == .cutShort || error?.kind == .corrupt || error?.kind == .notATraceFile)
            }
        }
        #expect(read > 16)
    }

    @Test func `No name leads out of the archive, and none that is not expected matters`() throws {
        var forger = capture
        forger.add("../../etc/passwd", [1])
        forger.add("/per_cpu/cpu5/trace_pipe_raw", Self.page)
        forger.add("per_cpu/cpu-1/trace_pipe_raw", Self.page)
        forger.add("per_cpu/cpu99999999999/trace_pipe_raw", Self.page)
        forger.add("per_cpu/../cpu6/trace_pipe_raw", Self.page)
        forger.add("events/x/../../format", Self.page)
        forger.add("per_cpu/cpu7/trace_pipe_raw", [], kind: "2")
        let contents = try #require(try open(forger.finished).contents)
        #expect(contents.buffers[0].cpus.map(\.cpu) == [2, 10])
        #expect(contents.formats.map(\.system) == ["sock"])
    }

    @Test func `Sizes that cannot be are refused`() throws {
        for size in ["77777777777", "9", "", "-1"] {
            var forger = capture
            forger.add("saved_cmdlines", [], size: size)
            #expect(try open(forger.finished).error != nil, "\(size)")
        }
        // As a binary number, of 2^63 bytes and of all that there can be.
        for first in [0x80, 0xff] as [UInt8] {
            var forger = capture
            forger.add("saved_cmdlines", [], field: [first, 0, 0, 0, 0xff] + [UInt8](repeating: 0xff, count: 7))
            #expect(try open(forger.finished).error?.kind == .corrupt)
        }
        var forger = capture
        forger.add("notes", [], field: [0x80] + [UInt8](repeating: 0, count: 7) + [0x40, 0, 0, 0])
        let (contents, error) = try open(forger.finished)
        #expect(contents == nil && error?.kind == .unsupported, "\(String(describing: error))")
    }

    @Test func `A damaged header is told where it is`() throws {
        var bytes = capture.finished
        bytes[512 * 2 + 3] ^= 1
        let error = try #require(try open(bytes).error)
        #expect(error.kind == .corrupt && error.offset == 1024, "\(error)")
    }

    @Test(arguments: [
        ("sockftrace facts 1\nlong 8\n", "no records"), ("sockftrace capture 2\n", "format 2"), ("hello\n", "none of"),
        ("sockftrace capture 1\nlong 8\npage 4096\n", "byte order"),
        ("sockftrace capture 1\nendian little\nlong 8\npage 4097\n", "byte order"),
        ("sockftrace capture 1\nendian little\nlong 5\npage 4096\n", "words"),
    ])
    func `What is not a capture says what it is`(mark: String, words: String) throws {
        var forger = TarForger()
        forger.add("sockftrace", Array(mark.utf8))
        let (contents, error) = try open(forger.finished)
        #expect(contents == nil && error?.problem.contains(words) == true, "\(String(describing: error))")
    }

    @Test func `Any byte changed is read or refused`() throws {
        let whole = capture.finished
        for place in stride(from: 0, to: 512 * 20, by: 7) {
            var bytes = whole
            bytes[place] = bytes[place] &+ 0x41
            let (contents, error) = try open(bytes)
            #expect((contents == nil) == (error != nil))
        }
    }
}

/// Writes an archive.
struct TarForger {
    private var bytes: [UInt8] = []

    mutating func add(
        _ name: String, _ contents: [UInt8], kind: Character = "0", size: String? = nil, field: [UInt8]? = nil
    ) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: some Sequence<UInt8>, at place: Int) {
            for (index, byte) in text.enumerated() { header[place + index] = byte }
        }
        func octal(_ number: Int, _ width: Int) -> String {
            let digits = String(number, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        put(name.utf8, at: 0)
        put("0000644".utf8, at: 100)
        put(field ?? Array((size ?? octal(contents.count, 11)).utf8), at: 124)
        put(String(kind).utf8, at: 156)
        put("ustar  ".utf8, at: 257)
        put(repeatElement(UInt8(ascii: " "), count: 8), at: 148)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6).utf8, at: 148)
        header[154] = 0
        bytes += header + contents + [UInt8](repeating: 0, count: (512 - contents.count % 512) % 512)
    }

    /// With the two empty blocks at its end.
    var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}
