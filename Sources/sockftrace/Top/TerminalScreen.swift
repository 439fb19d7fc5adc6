internal import CLinux
internal import EventOutput
internal import Glibc

/// A terminal that is drawn on and whose keys are read as they are pressed. As long as this lives: what ends it, and if
/// it is an error, leaves the terminal as it was.
///
/// The sequences are those of a VT100, and three private modes that one which lacks them ignores: the other screen, the
/// cursor, and the wrapping of lines.
struct TerminalScreen: ~Copyable {
    /// Where the keys are read from.
    let input: Int32
    private let output: Int32
    private let original: termios
    private var isOpen = true

    /// The first of what a screen is drawn with: to the corner.
    private static let begin = "\u{1b}[H"

    private init(input: Int32, output: Int32, original: termios) {
        (self.input, self.output, self.original) = (input, output, original)
        write("\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[2J")
    }

    /// Takes a terminal over; nil where input or output is none.
    static func open(input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO) -> TerminalScreen? {
        var original = termios()
        guard isatty(output) == 1, tcgetattr(input, &original) == 0 else { return nil }
        var settings = original
        // Keys one by one, unseen, and without waiting for one. Ctrl-C still asks for the end; Ctrl-Z would leave the
        // terminal like this.
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        withUnsafeMutableBytes(of: &settings.c_cc) { keys in
            keys[Int(VMIN)] = 0
            keys[Int(VTIME)] = 0
            keys[Int(VSUSP)] = 0
        }
        guard tcsetattr(input, TCSANOW, &settings) == 0 else { return nil }
        return TerminalScreen(input: input, output: output, original: original)
    }

    deinit {
        if isOpen { restore() }
    }

    /// Gives the terminal back.
    mutating func close() {
        guard isOpen else { return }
        isOpen = false
        restore()
    }

    private func restore() {
        write("\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l")
        var settings = original
        // What was typed and not read is not meant for the shell.
        tcsetattr(input, TCSAFLUSH, &settings)
    }

    /// Columns and rows; those of a VT100 where the terminal does not say, as on a serial line.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// The keys that were pressed since the last call, as bytes. An arrow is the letter for its way; other sequences are
    /// left out.
    func keys() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(input, &bytes, bytes.count)
        guard count > 0 else { return [] }
        return Self.plain(bytes[..<count])
    }

    /// Bytes without the sequences of keys that have no letter.
    static func plain(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var (keys, rest) = ([UInt8](), bytes)
        while let byte = rest.popFirst() {
            guard byte == 0x1b, let next = rest.first, next == UInt8(ascii: "[") || next == UInt8(ascii: "O") else {
                keys.append(byte)
                continue
            }
            rest.removeFirst()
            while let part = rest.popFirst() {
                guard (0x40...0x7e).contains(part) else { continue }
                if part == UInt8(ascii: "A") { keys.append(UInt8(ascii: "k")) }
                if part == UInt8(ascii: "B") { keys.append(UInt8(ascii: "j")) }
                break
            }
        }
        return keys
    }

    /// What draws these lines on a screen of so many rows: each is followed by what clears the rest of it, the last by what
    /// clears the rest of the screen. There is no moment at which nothing is seen.
    static func drawing(_ text: borrowing OutputBuffer, rows: Int, into out: inout OutputBuffer) {
        for byte in begin.utf8 { out.append(byte) }
        var left = rows
        text.withUnsafeBytes { bytes in
            for byte in bytes where left > 0 {
                guard byte == UInt8(ascii: "\n") else {
                    out.append(byte)
                    continue
                }
                left -= 1
                out.append(left > 0 ? "\u{1b}[K\r\n" : "\u{1b}[K")
            }
        }
        out.append("\u{1b}[J")
    }

    private func write(_ text: String) { Messages.write(sequence: text, to: output) }
}
