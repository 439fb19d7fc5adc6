import SystemPackage
import Testing

@testable import TraceDat

/// A recording that needs no seeking.
@Suite struct StreamTests {
    private let notes = Array("sockftrace notes 1\nbegin 12\n".utf8)

    /// The stream of a recording, all CPUs after one another.
    private func stream(_ recorded: RecordedPages) -> [UInt8] {
        var writer = TraceStreamWriter(recorded.options(.seven))
        writer.putHead(extension: notes)
        for (cpu, bytes) in recorded.pages.sorted(by: { $0.key < $1.key }) {
            bytes.withUnsafeBytes { writer.put(cpu: UInt32(cpu), $0) }
            writer.put(horizon: UInt64(cpu) + 1)
        }
        writer.putEnd(extension: Array("the end".utf8))
        return writer.take()
    }

    private func read(_ path: String) throws -> (pages: [Int: [UInt8]], last: TraceStreamReader.Frame?, head: [UInt8]?)
    {
        var stream: TraceStreamReader
        let head: [UInt8]?
        switch try TraceInput(path: FilePath(path)) {
        case .file(let file): return ([:], nil, file.extensionData)
        case .stream(let begin, let reader):
            head = begin.extensionData
            stream = reader
        }
        var pages: [Int: [UInt8]] = [:]
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: stream.pageSize, alignment: 16)
        defer { room.deallocate() }
        while true {
            switch try stream.next(into: room) {
            case .subBuffer(let cpu, let count):
                pages[cpu, default: []].append(contentsOf: room[..<count])
                pages[cpu]?.append(contentsOf: Array(repeating: 0, count: room.count - count))
            case .horizon: continue
            case let last: return (pages, last, head)
            }
        }
    }

    @Test func whatIsSentIsReadByteForByte() throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        try write(stream(recorded), to: folder.file("stream"))
        let found = try read(folder.file("stream"))
        #expect(found.pages == recorded.pages.mapValues { Array($0) })
        #expect(found.last == .end(Array("the end".utf8)) && found.head == notes)
    }

    @Test func cutAnywhereItIsCutShort() throws {
        let folder = try Folder()
        let whole = stream(try RecordedPages())
        let file = folder.file("stream")
        for length in stride(from: 0, to: whole.count, by: max(1, whole.count / 97)) {
            try write(whole[..<length], to: file)
            do {
                let found = try read(file)
                #expect(found.last == .cutShort)
            } catch let error as TraceDatError {
                // Within the head, or before it.
                #expect([.cutShort, .corrupt, .notATraceFile].contains(error.kind), "\(length): \(error)")
            }
        }
    }

    @Test func changedBytesNeverCrash() throws {
        let folder = try Folder()
        let whole = stream(try RecordedPages())
        let file = folder.file("stream")
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var bytes = whole
            // Mostly frames' heads and the head's metadata, which lie before the first sub-buffer's end.
            for _ in 0..<4 { bytes[Int.random(in: 16..<bytes.count, using: &generator)] = UInt8.random(in: 0...255) }
            bytes[Int.random(in: 16..<48)] = UInt8.random(in: 0...255)
            try write(bytes, to: file)
            _ = try? read(file)
        }
    }

    @Test func forgedLengthsAreErrorsAndNotAllocations() throws {
        let folder = try Folder()
        let file = folder.file("stream")
        func frame(_ kind: UInt32, _ cpu: UInt32, _ count: UInt64) -> [UInt8] {
            var out = ByteWriter()
            out.put(kind.littleEndian)
            out.put(cpu.littleEndian)
            out.put(count.littleEndian)
            return out.bytes
        }
        var head = TraceStreamWriter(try RecordedPages().options(.seven))
        head.putHead(extension: notes)
        let begun = head.take()
        let forged: [(start: [UInt8], frame: [UInt8])] = [
            (StreamFormat.magic, frame(1, 2, .max)), (StreamFormat.magic, frame(1, .max, 100)),
            (StreamFormat.magic, frame(2, 0, 100)), (begun, frame(2, .max, 100)), (begun, frame(2, 0, .max)),
            (begun, frame(4, 0, .max)), (begun, frame(3, 0, 7)), (begun, frame(9, 0, 0)), (begun, frame(1, 2, 100)),
        ]
        for (start, frame) in forged {
            try write(start + frame, to: file)
            let error = #expect(throws: TraceDatError.self) { _ = try self.read(file) }
            #expect(error?.kind == .corrupt, "\(frame)")
        }
    }

    @Test func roomForMoreThanAnyMachineHasIsNotMade() throws {
        let folder = try Folder()
        var options = try RecordedPages().options(.seven)
        (options.pageSize, options.cpuCount) = (16 << 20, 64)
        var writer = TraceStreamWriter(options)
        writer.putHead(extension: notes)
        try write(writer.take(), to: folder.file("stream"))
        let error = #expect(throws: TraceDatError.self) { _ = try self.read(folder.file("stream")) }
        #expect(error?.kind == .corrupt && error?.description.contains("64 CPUs") == true)
    }
}
