import EventOutput
import Foundation
import Testing

@testable import sockftrace

@Suite("A terminal that is drawn on")
struct TerminalScreenTests {
    /// The two ends of a pseudo terminal: the emulator's, and the program's.
    private final class PseudoTerminal {
        let emulator: Int32
        let program: Int32

        init(columns: UInt16 = 80, rows: UInt16 = 24) throws {
            emulator = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)
            var (number, isLocked): (Int32, Int32) = (0, 0)
            // TIOCGPTN and TIOCSPTLCK, asm-generic/ioctls.h: what ptsname(3) and unlockpt(3) do.
            let isOpen =
                emulator >= 0 && ioctl(emulator, 0x8004_5430, &number) == 0
                && ioctl(emulator, 0x4004_5431, &isLocked) == 0
            program = isOpen ? open("/dev/pts/\(number)", O_RDWR | O_NOCTTY) : -1
            try #require(program >= 0)
            resize(columns, rows)
        }

        deinit {
            close(program)
            close(emulator)
        }

        func resize(_ columns: UInt16, _ rows: UInt16) {
            var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
            _ = ioctl(emulator, UInt(TIOCSWINSZ), &size)
        }

        func type(_ text: String) { _ = text.withCString { write(emulator, $0, strlen($0)) } }

        /// What the program wrote since.
        var shown: String {
            var (all, bytes) = ([UInt8](), [UInt8](repeating: 0, count: 65536))
            while case let count = read(emulator, &bytes, bytes.count), count > 0 { all += bytes[..<count] }
            return String(decoding: all, as: UTF8.self)
        }

        var settings: [UInt8] {
            var settings = termios()
            tcgetattr(program, &settings)
            return withUnsafeBytes(of: &settings) { Array($0) }
        }
    }

    @Test("It is as before when the screen is closed, and when it is just left")
    func restored() throws {
        let terminal = try PseudoTerminal()
        let before = terminal.settings
        for isClosed in [true, false] {
            do {
                guard var screen = TerminalScreen.open(input: terminal.program, output: terminal.program) else {
                    Issue.record("a pseudo terminal is none")
                    return
                }
                #expect(terminal.settings != before)
                if isClosed { screen.close() }
            }
            #expect(terminal.settings == before)
            let shown = terminal.shown
            for (on, off) in [
                ("\u{1b}[?1049h", "\u{1b}[?1049l"), ("\u{1b}[?25l", "\u{1b}[?25h"), ("\u{1b}[?7l", "\u{1b}[?7h"),
            ] {
                #expect(shown.ranges(of: on).count == 1 && shown.ranges(of: off).count == 1)
            }
        }
    }

    @Test("Keys come without waiting, arrows as letters; its size is asked anew")
    func keys() throws {
        let terminal = try PseudoTerminal(columns: 100, rows: 30)
        guard let screen = TerminalScreen.open(input: terminal.program, output: terminal.program) else {
            Issue.record("a pseudo terminal is none")
            return
        }
        let before = screen.keys()
        #expect(before.isEmpty)
        terminal.type("g\u{1b}[B\u{1b}OA\u{1b}[5~\u{1b}q")
        let keys = screen.keys()
        #expect(keys == Array("gjk\u{1b}q".utf8))
        for (columns, rows, expected) in [(100, 30, (100, 30)), (200, 50, (200, 50)), (0, 0, (80, 24))] {
            terminal.resize(UInt16(columns), UInt16(rows))
            let size = screen.size
            #expect(size == expected)
        }
    }

    @Test("No terminal, no screen")
    func none() throws {
        let null = open("/dev/null", O_RDWR)
        defer { close(null) }
        if TerminalScreen.open(input: null, output: null) != nil { Issue.record("/dev/null is no terminal") }
    }

    @Test("Lines are drawn over what was there, and no more of them than there are rows")
    func drawing() {
        var text = OutputBuffer()
        var out = OutputBuffer()
        for line in ["first", "second", "third"] {
            for byte in (line + "\n").utf8 { text.append(byte) }
        }
        TerminalScreen.drawing(text, rows: 2, into: &out)
        let drawn = out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(drawn == "\u{1b}[Hfirst\u{1b}[K\r\nsecond\u{1b}[K\u{1b}[J")
    }
}
