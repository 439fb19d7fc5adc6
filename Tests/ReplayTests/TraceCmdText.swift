import EventFormats
import Foundation
import RingBuffer

/// What `trace-cmd report -t -R` prints, walked through piece by piece beside our own dump of the same file.
///
/// A name can hold line ends and blanks, so the text cannot be cut into lines and words first.
struct TraceCmdText {
    static let installed = "/usr/bin/trace-cmd"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: installed)

    private let text: [UInt8]
    private var position = 0
    private let dump: RecordDump

    /// Why the two differ; nil while they agree.
    private(set) var difference: String?

    init(_ text: [UInt8], beside dump: RecordDump) {
        self.text = text
        self.dump = dump
    }

    /// The output for a file, and what it said on standard error.
    static func report(
        _ path: String, by program: String = installed
    ) throws -> (output: [UInt8], complaints: String) {
        let folder = try Folder()
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = ["report", "-N", "-t", "-R", path]
        process.environment = ["LC_ALL": "C", "PATH": "/usr/bin:/bin"]
        let complaints = folder.path("complaints")
        try Data().write(to: URL(filePath: complaints))
        process.standardError = FileHandle(forWritingAtPath: complaints)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = Array(output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        return (text, (try? String(contentsOfFile: complaints, encoding: .utf8)) ?? "")
    }

    /// Goes through all of it; the number of records that agreed.
    mutating func compare() -> Int {
        skipPreamble()
        var count = 0
        for entry in dump.entries {
            switch entry.content {
            case .lost(let number): loss(entry, number)
            case .record(let format, let payload):
                head(entry, format, payload)
                for field in format.fields where !field.name.hasPrefix("common_") { value(field, payload) }
                skipBlanks()
                expect(["\n"], "the end of the line")
            }
            guard difference == nil else { return count }
            count += 1
        }
        if position < text.count { fail("nothing more") }
        return count
    }

    /// `cpus=2` and `CPU 1 is empty`.
    private mutating func skipPreamble() {
        while position < text.count {
            let end = text[position...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            let line = String(decoding: text[position..<end], as: UTF8.self)
            guard line.hasPrefix("cpus=") || line.hasSuffix(" is empty") else { return }
            position = min(end + 1, text.count)
        }
    }

    private mutating func loss(_ entry: RecordDump.Entry, _ count: UInt64?) {
        skipBlanks()
        if !entry.buffer.isEmpty, accept(entry.buffer + ":") { skipBlanks() }
        expect(["CPU:\(entry.cpu) [\(count.map { "\($0) " } ?? "")EVENTS DROPPED]\n"], "a loss")
    }

    private mutating func head(_ entry: RecordDump.Entry, _ format: EventFormat, _ payload: [UInt8]) {
        skipBlanks()
        if !entry.buffer.isEmpty {
            expect([entry.buffer + ":"], "the buffer's name")
            skipBlanks()
        }
        let task = format.field("common_pid").map { payload.number(at: $0.offset, width: $0.size, dump.byteOrder) } ?? 0
        let tid = Int32(truncatingIfNeeded: task)
        let unknown = Array("<...>".utf8)
        let name = tid == 0 ? Array("<idle>".utf8) : dump.names[tid] ?? unknown
        let known = dump.hasNamesThatBreakTheList ? [name, unknown] : [name]
        expect(known.map { $0 + Array("-\(tid)".utf8) }, "the task")
        skipBlanks()
        let cpu = String(entry.cpu)
        expect(["[" + String(repeating: "0", count: max(0, 3 - cpu.count)) + cpu + "]"], "the CPU")
        // From 3.2 on raw output also tells the flags, which are a field like others.
        if accept("-0x") { skipHexDigits() }
        skipBlanks()
        let nanoseconds = String(1_000_000_000 + entry.time % 1_000_000_000).dropFirst()
        expect(["\(entry.time / 1_000_000_000).\(nanoseconds): ", "\(entry.time): "], "the time")
        skipBlanks()
        expect([format.name + ":"], "the event")
    }

    private mutating func value(_ field: FormatField, _ payload: [UInt8]) {
        skipBlanks()
        expect([field.name + "="], "a field")
        guard !field.isArray else { return array(field, payload) }
        let raw = payload.number(at: field.offset, width: field.size, dump.byteOrder)
        let shift = 64 - 8 * UInt64(field.size)
        let signed = Int64(bitPattern: raw << shift) >> Int64(shift)
        let hexadecimal = String(raw, radix: 16)
        let number = field.isSigned ? String(signed) : String(raw)
        // Which fields are told in hexadecimal is a matter of the event's print format.
        expect(
            ["0x" + hexadecimal, " " + number, number, hexadecimal, String(signed)], "the value of \(field.name)",
            "\(raw)")
    }

    private mutating func array(_ field: FormatField, _ payload: [UInt8]) {
        var offset = field.offset
        var size = field.size
        if field.isDynamic {
            let word = payload.number(at: field.offset, width: 4, dump.byteOrder)
            (offset, size) = (Int(word & 0xffff), Int(word >> 16))
        }
        guard offset >= 0, size >= 0, offset + size <= payload.count else {
            return fail("the bytes of \(field.name), which lie outside")
        }
        let bytes = payload[offset..<offset + size]
        let list = bytes.map { (($0 < 16) ? "0" : "") + String($0, radix: 16) }.joined(separator: ", ")
        expect(
            [Array(bytes.prefix { $0 != 0 }), Array("ARRAY[\(list)]".utf8)].reversed(), "the value of \(field.name)")
    }

    private mutating func skipHexDigits() {
        while position < text.count, Character(UnicodeScalar(text[position])).isHexDigit { position += 1 }
    }

    private mutating func skipBlanks() {
        while position < text.count, text[position] == UInt8(ascii: " ") { position += 1 }
    }

    private mutating func accept(_ wanted: String) -> Bool {
        guard text[position...].starts(with: wanted.utf8) else { return false }
        position += wanted.utf8.count
        return true
    }

    private mutating func expect(_ candidates: [String], _ what: String, _ value: String? = nil) {
        expect(candidates.map { Array($0.utf8) }, what, value)
    }

    /// One of these must come next; the longest that does is taken.
    private mutating func expect(_ candidates: [[UInt8]], _ what: String, _ value: String? = nil) {
        guard difference == nil else { return }
        let found = candidates.filter { text[position...].starts(with: $0) }.max { $0.count < $1.count }
        guard let found else {
            return fail(
                "\(what): \(value ?? candidates.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " or "))")
        }
        position += found.count
    }

    private mutating func fail(_ expected: String) {
        guard difference == nil else { return }
        let start = max(0, position - 120)
        let before = String(decoding: text[start..<position], as: UTF8.self)
        let after = String(decoding: text[position...].prefix(80), as: UTF8.self)
        difference = "we have \(expected); trace-cmd: \(before.debugDescription) >>> \(after.debugDescription)"
    }
}
