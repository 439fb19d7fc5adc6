import Foundation
import Glibc
import Testing

@testable import sockftrace

@Suite("Progress")
struct ProgressBarTests {
    @Test("It fits every terminal, and wraps on none", arguments: [0, 1, 4, 5, 10, 17, 18, 40, 80, 300])
    func widths(columns: Int) {
        for done in [0, 1, 50, 99, 100, 200] as [UInt64] {
            let text = ProgressBar.text(done, of: 100, columns: columns)
            #expect(text.count < max(columns, 1))
            #expect(
                columns < 5
                    || text.hasPrefix(
                        String(repeating: " ", count: 3 - "\(min(done, 100))".count) + "\(min(done, 100))%")
            )
            #expect(text.contains("[") == (columns >= 18))
        }
        #expect(ProgressBar.text(0, of: 0, columns: 80).hasPrefix("100%"))
    }

    /// A terminal of our own: what is written to its one end is read at the other.
    private struct PseudoTerminal {
        let master: FileHandle
        let slave: FileHandle

        init() throws {
            let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY)
            try #require(descriptor >= 0)
            // unlockpt(3) and ptsname(3), which Swift does not see: TIOCSPTLCK and TIOCGPTN.
            var (lock, number): (Int32, Int32) = (0, 0)
            try #require(ioctl(descriptor, 0x4004_5431, &lock) == 0 && ioctl(descriptor, 0x8004_5430, &number) == 0)
            let name = "/dev/pts/\(number)"
            master = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            slave = try #require(FileHandle(forUpdatingAtPath: name))
            var size = winsize(ws_row: 24, ws_col: 40, ws_xpixel: 0, ws_ypixel: 0)
            try #require(ioctl(descriptor, UInt(TIOCSWINSZ), &size) == 0)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        }

        /// What was written since the last call.
        func text() -> String {
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(master.fileDescriptor, &bytes, bytes.count)
            return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        }
    }

    @Test("A terminal shows how far long work has come, and nothing of it at the end", arguments: ["xterm", "dumb"])
    func terminal(type: String) throws {
        let recordings = try Recordings()
        // So much that the pipe is full long before the end, and the report waits for its reader.
        let path = try recordings.make("long", repeats: 10)
        let terminal = try PseudoTerminal()
        let process = Program.process(["report", path], environment: ["TERM": type])
        let output = Pipe()
        process.standardOutput = output
        process.standardError = terminal.slave
        try process.run()
        var shown = ""
        var bytes = [UInt8](repeating: 0, count: 16384)
        // The reader takes its time until a bar is there; without one, until all is read.
        while true {
            if !shown.contains("%") { usleep(20_000) }
            guard read(output.fileHandleForReading.fileDescriptor, &bytes, bytes.count) > 0 else { break }
            shown += terminal.text()
        }
        process.waitUntilExit()
        shown += terminal.text()
        #expect(process.terminationStatus == 0)
        let last = try #require(shown.range(of: "sockftrace: ", options: .backwards))
        if type == "dumb" {
            #expect(!shown.contains("%") && !shown.contains("\u{1b}"))
        } else {
            #expect(shown.contains("% [#") || shown.contains("% [-"))
            #expect(shown[..<last.lowerBound].hasSuffix("\r\u{1b}[K"))
            let bars = shown.split(separator: "\r").filter { $0.contains("%") }
            #expect(bars.allSatisfy { $0.count <= 39 + "\u{1b}[K".count })
        }
    }

    @Test("Events on the same terminal, a pipe and a file have no bar among them")
    func sameTerminal() throws {
        let terminal = try PseudoTerminal()
        let process = Program.process(["report", Recordings.own], environment: ["TERM": "xterm"])
        process.standardOutput = terminal.slave
        process.standardError = terminal.slave
        try process.run()
        var shown = ""
        while process.isRunning {
            let text = terminal.text()
            // The events arrive slowly enough for a bar to be due.
            if text.isEmpty { usleep(1000) } else { usleep(30_000) }
            shown += text
        }
        while case let text = terminal.text(), !text.isEmpty { shown += text }
        #expect(shown.contains("send ") && !shown.contains("\r\u{1b}[K"))
        let piped = try Program.run(["report", Recordings.own], environment: ["TERM": "xterm"])
        #expect(!piped.messages.contains("%"))
    }
}
