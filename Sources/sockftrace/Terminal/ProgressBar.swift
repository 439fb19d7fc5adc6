internal import Glibc
internal import LinuxSystem

/// How far long work has come, on the terminal of standard error; nothing anywhere else.
struct ProgressBar: ~Copyable {
    private let isWanted: Bool
    private let begin: UInt64
    private var nextDrawing: UInt64
    private var isDrawn = false

    /// What is over before this is not worth a bar, nanoseconds.
    private static let delay: UInt64 = 500_000_000
    /// Between two drawings, nanoseconds.
    private static let pause: UInt64 = 100_000_000

    /// - Parameter output: where the results go meanwhile; a bar among them on the same terminal would be in the way.
    init(beside output: Int32) {
        isWanted = Terminal.canRedraw(STDERR_FILENO) && !Terminal.isSame(STDERR_FILENO, output)
        begin = Clock.monotonic.now
        nextDrawing = begin + Self.delay
    }

    /// Draws the bar, where it is time to.
    mutating func update(_ progress: @autoclosure () -> (done: UInt64, total: UInt64)) {
        guard isWanted else { return }
        let now = Clock.monotonic.now
        guard now >= nextDrawing else { return }
        nextDrawing = now + Self.pause
        let (done, total) = progress()
        isDrawn = true
        // To the first column, and what is right of the bar away: the terminal may have become narrower.
        Terminal.write("\r\(Self.text(done, of: total, columns: Terminal.columns(of: STDERR_FILENO) ?? 80))\u{1b}[K")
    }

    /// Takes the bar away.
    mutating func clear() {
        guard isDrawn else { return }
        isDrawn = false
        Terminal.write("\r\u{1b}[K")
    }

    /// The bar, shorter than the line, as a terminal may wrap behind the last column; a narrow one gets the number alone.
    static func text(_ done: UInt64, of total: UInt64, columns: Int) -> String {
        let share = total == 0 ? 1 : min(Double(done) / Double(total), 1)
        let digits = String(Int(share * 100))
        let percent = String(repeating: " ", count: 3 - digits.count) + digits + "%"
        let room = min(columns - 1, 79)
        guard room >= percent.count else { return "" }
        let width = room - percent.count - 3
        guard width >= 10 else { return percent }
        let filled = Int(share * Double(width))
        return "\(percent) [\(String(repeating: "#", count: filled))\(String(repeating: "-", count: width - filled))]"
    }
}
