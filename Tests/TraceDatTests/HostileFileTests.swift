import CZlib
import CZstd
import RingBuffer
import SystemPackage
import Testing

@testable import TraceDat

/// A file made by hand, of either byte order and word size.
struct Forger {
    var order = ByteOrder.little
    private(set) var bytes: [UInt8] = []

    init(_ order: ByteOrder = .little) {
        self.order = order
    }

    mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: order == .little ? value.littleEndian : value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(string: String) {
        bytes.append(contentsOf: string.utf8)
        bytes.append(0)
    }

    mutating func put(raw: [UInt8]) {
        bytes.append(contentsOf: raw)
    }

    mutating func put(option id: UInt16, _ data: [UInt8]) {
        put(id)
        put(UInt32(data.count))
        put(raw: data)
    }

    mutating func pad(to size: Int) {
        if bytes.count < size { bytes.append(contentsOf: [UInt8](repeating: 0, count: size - bytes.count)) }
    }

    mutating func start(_ version: String, longSize: UInt8 = 8, pageSize: UInt32 = 4096) {
        put(raw: [0x17, 0x08, 0x44])
        put(raw: Array("tracing".utf8))
        put(string: version)
        put(UInt8(order == .little ? 0 : 1))
        put(longSize)
        put(pageSize)
    }

    mutating func putHeaderInfo(pageCount: UInt64 = 4) {
        put(string: "header_page")
        put(pageCount)
        put(raw: Array("page".utf8))
        put(string: "header_event")
        put(UInt64(5))
        put(raw: Array("event".utf8))
    }

    /// A whole version 6 file up to the number of CPUs.
    mutating func startVersion6(longSize: UInt8 = 8, pageSize: UInt32 = 4096) {
        start("6", longSize: longSize, pageSize: pageSize)
        putHeaderInfo()
        put(UInt32(0))
        put(UInt32(1))
        put(string: "sock")
        put(UInt32(1))
        put(UInt64(6))
        put(raw: Array("format".utf8))
        put(UInt32(0))
        put(UInt32(0))
        put(UInt64(8))
        put(raw: Array("7 seven\n".utf8))
    }

    /// A version 7 file with its head, the page header's description at 64, and options at 256.
    mutating func startVersion7(_ compression: String = "none") {
        start("7")
        put(string: compression)
        put(string: "")
        put(UInt64(256))
        pad(to: 64)
        put(UInt16(16))
        put(UInt16(0))
        put(UInt32.max)
        put(UInt64(50))
        putHeaderInfo()
        pad(to: 256)
        put(UInt16(0))
        put(UInt16(0))
        put(UInt32.max)
        put(UInt64(0))
        // The size of the options is put right by endOptions.
        put(option: 16, number(UInt64(64)))
    }

    func number(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: order == .little ? value.littleEndian : value.bigEndian) { Array($0) }
    }

    mutating func endOptions(next: UInt64 = 0) {
        put(option: 0, number(next))
        bytes.replaceSubrange(264..<272, with: number(UInt64(bytes.count - 272)))
    }

    func open(in folder: Folder) throws -> Opened {
        let path = folder.file("forged.dat")
        try write(bytes, to: path)
        do throws(TraceDatError) {
            var file = try TraceFile(path: FilePath(path))
            var pages: [[Int: [UInt8]]] = []
            for buffer in file.buffers.indices { pages.append((try? allPages(of: &file, buffer: buffer)) ?? [:]) }
            return Opened(
                pages: pages, damage: file.damage, formats: file.formats, commandLines: file.commandLines,
                header: file.header, time: file.timeAdjustment, buffers: file.buffers, error: nil)
        } catch {
            return Opened(error: error)
        }
    }

    struct Opened {
        var pages: [[Int: [UInt8]]] = []
        var damage: [TraceFile.Damage] = []
        var formats: [TraceFile.EventFormatText] = []
        var commandLines: [TraceFile.CommandLine] = []
        var header: TraceFile.Header?
        var time: TimeAdjustment?
        var buffers: [TraceFile.Buffer] = []
        var error: TraceDatError?
    }
}

@Suite struct OddFileTests {
    @Test(arguments: [ByteOrder.little, .big], [4, 8] as [UInt8])
    func everyByteOrderAndWordSizeIsRead(_ order: ByteOrder, _ longSize: UInt8) throws {
        let folder = try Folder()
        var forger = Forger(order)
        forger.startVersion6(longSize: longSize)
        forger.put(UInt32(2))
        forger.put(string: "options  ")
        forger.put(option: OptionID.date, Array("0x10\0".utf8))
        forger.put(option: OptionID.offset, Array("-5\0".utf8))
        forger.put(
            option: OptionID.ticks, forger.number(UInt32(3)) + forger.number(UInt32(1)) + forger.number(UInt64(0)))
        forger.put(option: 999, [1, 2, 3])
        forger.put(option: OptionID.buffer, forger.number(UInt64(1024)) + Array("other\0".utf8))
        forger.put(option: OptionID.cpuCount, forger.number(UInt32(1)))
        forger.put(UInt16(0))
        forger.put(string: "flyrecord")
        for value in [4096, 8192, 0, 0] as [UInt64] { forger.put(value) }
        forger.pad(to: 1024)
        forger.put(string: "flyrecord")
        for value in [12288, 4096] as [UInt64] { forger.put(value) }
        forger.pad(to: 4096)
        for byte in [1, 1, 2] as [UInt8] { forger.put(raw: [UInt8](repeating: byte, count: 4096)) }
        let opened = try forger.open(in: folder)
        #expect(opened.error == nil)
        #expect(opened.damage == [])
        #expect(opened.header?.byteOrder == order)
        #expect(opened.header?.longSize == Int(longSize))
        #expect(opened.time?.nanoseconds(100, cpu: 0) == 150 + 16000 - 5)
        #expect(opened.formats == [.init(system: "sock", text: Array("format".utf8))])
        #expect(opened.commandLines == [.init(tid: 7, name: Array("seven".utf8))])
        #expect(opened.buffers.map(\.name) == ["", "other"])
        #expect(opened.pages[0][0]?.count == 8192)
        #expect(opened.pages[1][0] == [UInt8](repeating: 2, count: 4096))
    }

    @Test func zlibSectionsAndDataAreRead() throws {
        let folder = try Folder()
        func squeezed(_ bytes: [UInt8]) -> [UInt8] {
            var size = compressBound(uLong(bytes.count))
            var result = [UInt8](repeating: 0, count: Int(size))
            _ = compress2(&result, &size, bytes, uLong(bytes.count), 9)
            return Array(result[..<Int(size)])
        }
        let page = (0..<12288).map { UInt8(truncatingIfNeeded: $0 / 64) }
        let chunks = [squeezed(Array(page[..<8192])), squeezed(Array(page[8192...]))]
        var forger = Forger()
        forger.startVersion7("zlib")
        let data =
            forger.number(UInt32(2))
            + forger.number(UInt32(chunks[0].count)) + forger.number(UInt32(8192)) + chunks[0]
            + forger.number(UInt32(chunks[1].count)) + forger.number(UInt32(4096)) + chunks[1]
        forger.put(
            option: OptionID.buffer,
            forger.number(UInt64(1024)) + Array("\0mono\0".utf8) + forger.number(UInt32(4096))
                + forger.number(UInt32(1))
                + forger.number(UInt32(3)) + forger.number(UInt64(4096)) + forger.number(UInt64(data.count)))
        forger.put(option: OptionID.commandLines, forger.number(UInt64(512)))
        forger.endOptions()
        forger.pad(to: 512)
        let lines = forger.number(UInt64(8)) + Array("7 seven\n".utf8)
        forger.put(UInt16(21))
        forger.put(UInt16(1))
        forger.put(UInt32.max)
        forger.put(UInt64(8 + squeezed(lines).count))
        forger.put(UInt32(squeezed(lines).count))
        forger.put(UInt32(lines.count))
        forger.put(raw: squeezed(lines))
        forger.pad(to: 1024)
        forger.put(UInt16(3))
        forger.put(UInt16(1))
        forger.put(UInt32.max)
        forger.put(UInt64(4096 + data.count - 1040))
        forger.pad(to: 4096)
        forger.put(raw: data)
        let opened = try forger.open(in: folder)
        #expect(opened.error == nil)
        #expect(opened.damage == [])
        #expect(opened.pages == [[3: page]])
        #expect(opened.commandLines == [.init(tid: 7, name: Array("seven".utf8))])
        #expect(opened.buffers.first?.clock == "mono")
    }

    @Test(arguments: ["6", "7"]) func textOfALatencyTracerIsNamedAsSuch(_ version: String) throws {
        let folder = try Folder()
        var forger = Forger()
        if version == "6" {
            forger.startVersion6()
            forger.put(UInt32(2))
            forger.put(string: "latency  ")
            let opened = try forger.open(in: folder)
            #expect(opened.error?.kind == .unsupported)
            #expect(opened.error?.problem.contains("latency") == true)
        } else {
            forger.startVersion7()
            forger.put(option: OptionID.bufferText, forger.number(UInt64(0)) + [0, 0])
            forger.endOptions()
            let opened = try forger.open(in: folder)
            #expect(opened.error?.kind == .unsupported)
            #expect(opened.error?.problem.contains("latency") == true)
        }
    }

    @Test func whatIsNoTraceFileSaysSo() throws {
        let folder = try Folder()
        for (bytes, kind) in [
            ([], .notATraceFile), (Array("hello".utf8), .notATraceFile),
            ([UInt8](repeating: 0x17, count: 5000), .notATraceFile),
            ([0x17, 8, 0x44] + Array("tracing8\0".utf8) + [0, 8, 0, 16, 0, 0], .unsupported),
            ([0x17, 8, 0x44] + Array("tracing6\0".utf8) + [0, 8, 0], .cutShort),
            ([0x17, 8, 0x44] + Array("tracing6\0".utf8) + [7, 9, 0, 16, 0, 0], .corrupt),
            ([0x17, 8, 0x44] + Array("tracing6\0".utf8) + [0, 8, 1, 0, 0, 0], .corrupt),
        ] as [([UInt8], TraceDatError.Kind)] {
            let path = folder.file("no.dat")
            try write(bytes, to: path)
            var found: TraceDatError?
            do throws(TraceDatError) { _ = try TraceFile(path: FilePath(path)) } catch { found = error }
            #expect(found?.kind == kind)
            #expect(found?.description.hasPrefix(path) == true)
        }
        for path in ["/nowhere", folder.path] {
            #expect(throws: TraceDatError.self) { _ = try TraceFile(path: FilePath(path)) }
        }
    }

    @Test func pipeIsReadThroughAnUnnamedFile() throws {
        let folder = try Folder()
        let ends = try FileDescriptor.pipe()
        let path = "\(RecordedPages.fixtures)/v7-zstd.dat"
        _ = try ends.writeEnd.writeAll(try contents(of: path))
        try ends.writeEnd.close()
        var file = try TraceFile(descriptor: ends.readEnd, name: "standard input")
        try ends.readEnd.close()
        var same = try TraceFile(path: FilePath(path))
        #expect(try allPages(of: &file) == allPages(of: &same))
        #expect(folder.names == [])
    }
}

@Suite struct HostileFileTests {
    @Test(arguments: [0xFFFF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 1 << 40, 5000] as [UInt64])
    func forgedLengthsAreErrorsAndNotAllocations(_ length: UInt64) throws {
        let folder = try Folder()
        var forger = Forger()
        forger.start("6")
        forger.putHeaderInfo(pageCount: length)
        #expect(try forger.open(in: folder).error != nil)

        for field in 0..<5 {
            forger = Forger()
            forger.start("6")
            forger.putHeaderInfo()
            let small = UInt32(truncatingIfNeeded: length)
            for number in 0..<3 where number <= field { forger.put(number == field ? small : 0) }
            if field == 3 { for _ in 0..<2 { forger.put(small) } }
            if field == 4 { forger.put(UInt32(0)); forger.put(length) }
            #expect(try forger.open(in: folder).error != nil, "field \(field)")
        }
    }

    @Test func forgedPlacesOfDataAreDamage() throws {
        let folder = try Folder()
        for (offset, size) in [
            (UInt64.max, 4096), (4096, UInt64.max), (1 << 62, 1 << 62), (0, 4097), (1 << 40, 4096),
        ] as [(UInt64, UInt64)] {
            var forger = Forger()
            forger.startVersion6()
            forger.put(UInt32(1))
            forger.put(string: "flyrecord")
            forger.put(offset)
            forger.put(size)
            forger.pad(to: 8192)
            let opened = try forger.open(in: folder)
            #expect(opened.error == nil)
            #expect(!opened.damage.isEmpty)
        }
    }

    @Test func optionsInACircleEnd() throws {
        let folder = try Folder()
        var forger = Forger()
        forger.startVersion7()
        forger.endOptions(next: 256)
        let opened = try forger.open(in: folder)
        #expect(opened.error == nil)
        #expect(opened.damage.contains { $0.problem.contains("circle") })
    }

    @Test func buffersOfManyCPUsOrTwiceTheSameAreRefused() throws {
        let folder = try Folder()
        for (count, cpus) in [(UInt32.max, [0]), (3, [0, 1]), (2, [1, 1]), (1, [UInt32.max])] as [(UInt32, [UInt32])] {
            var forger = Forger()
            forger.startVersion7()
            var data = forger.number(UInt64(256)) + Array("\0mono\0".utf8) + forger.number(UInt32(4096))
            data += forger.number(count)
            for cpu in cpus { data += forger.number(cpu) + forger.number(UInt64(4096)) + forger.number(UInt64(4096)) }
            forger.put(option: OptionID.buffer, data)
            forger.endOptions()
            let opened = try forger.open(in: folder)
            #expect(opened.buffers.isEmpty)
            #expect(!opened.damage.isEmpty)
        }
    }

    @Test func bombsStayWithinTheirAnnouncedSize() throws {
        let folder = try Folder()
        let zeros = [UInt8](repeating: 0, count: 80 << 20)
        var bomb = [UInt8](repeating: 0, count: ZSTD_compressBound(zeros.count))
        bomb.removeSubrange(ZSTD_compress(&bomb, bomb.count, zeros, zeros.count, 1)...)
        for plain in [UInt32(80 << 20), 4096, 64 << 20, UInt32.max] {
            var forger = Forger()
            forger.startVersion7("zstd")
            let data = forger.number(UInt32(1)) + forger.number(UInt32(bomb.count)) + forger.number(plain) + bomb
            forger.put(option: OptionID.commandLines, forger.number(UInt64(512)))
            forger.put(
                option: OptionID.buffer,
                forger.number(UInt64(640)) + Array("\0mono\0".utf8) + forger.number(UInt32(4096))
                    + forger.number(UInt32(1)) + forger.number(UInt32(0)) + forger.number(UInt64(4096))
                    + forger.number(UInt64(data.count)))
            forger.endOptions()
            forger.pad(to: 512)
            forger.put(UInt16(21))
            forger.put(UInt16(1))
            forger.put(UInt32.max)
            forger.put(UInt64(8))
            forger.put(UInt32(bomb.count))
            forger.put(plain)
            forger.pad(to: 640)
            forger.put(UInt16(3))
            forger.put(UInt16(1))
            forger.put(UInt32.max)
            forger.put(UInt64(1 << 20))
            forger.pad(to: 4096)
            forger.put(raw: data)
            let opened = try forger.open(in: folder)
            #expect(opened.error == nil)
            #expect(opened.pages == [[:]])
            #expect(opened.damage.count == 2)
        }
    }

    @Test(arguments: RecordedFile.all.map(\.name) + ["ours-6", "ours-7", "ours-unfinished"])
    func changedBytesNeverCrash(_ name: String) throws {
        let folder = try Folder()
        var path = "\(RecordedPages.fixtures)/\(name)"
        if name.hasPrefix("ours") {
            path = folder.file("ours.dat")
            let recorded = try RecordedPages()
            if name == "ours-unfinished" {
                var options = recorded.options(.seven)
                options.reserve = 0
                var writer = try TraceDatWriter(path: FilePath(path), options: options)
                for (cpu, bytes) in recorded.pages { try writer.append(cpu: cpu, pages: bytes.span.bytes) }
            } else {
                try recorded.write(to: path, name == "ours-6" ? .six : .seven, .none, extension: [1, 2, 3])
            }
        }
        let whole = try contents(of: path)
        // The places that hold structure: the head, and the options behind the formats. Fixed, so a failure repeats.
        var seed: UInt64 = 0x9E37_79B9_7F4A_7C15
        func random(_ limit: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % limit
        }
        for _ in 0..<150 {
            var changed = whole
            for _ in 0..<(1 + random(4)) {
                let place = random(3) == 0 ? random(min(512, whole.count)) : random(whole.count)
                changed[place] = [0, 0xFF, 0x7F, UInt8(random(256))][random(4)]
            }
            let target = folder.file("changed.dat")
            try write(changed, to: target)
            do throws(TraceDatError) {
                var file = try TraceFile(path: FilePath(target))
                for buffer in file.buffers.indices { _ = try? allPages(of: &file, buffer: buffer) }
                _ = file.commandLines
                _ = file.timeAdjustment.nanoseconds(1 << 63, cpu: 0)
            } catch { #expect(!error.description.isEmpty) }
        }
    }
}
