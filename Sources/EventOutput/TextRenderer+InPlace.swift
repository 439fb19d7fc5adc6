internal import SocketEvents

/// Lines all of whose values fit in their columns, which nearly all lines are: each value is written to its place.
/// Written one behind the other, each has to wait to learn where the one before ends, fifty times a line.
extension TextRenderer {
    /// Appends a message, unless a value of it may not fit, is unknown or is new: then it appends nothing.
    @inline(__always)
    func renderInPlace(
        _ event: borrowing SocketEvent, _ arguments: Alias.Arguments, _ kind: RenderKey, into out: inout OutputBuffer
    ) -> Bool {
        let (time, tid) = (event.time, event.tid)
        guard self.time == .clock, arguments == Alias.send.arguments, event.success == true,
            time < 1_000_000 * 1_000_000_000,
            let pid = event.pid, 0..<100_000_000 ~= pid, 0..<100_000_000 ~= tid, let name = event.comm,
            let size = event.size, 0..<10_000_000 ~= size, let duration = event.duration, duration < 1_000_000_000_000,
            let via = event.via, let socket = event.socket,
            let kindText = out.place(of: kind, maker: maker),
            kindText.count <= Column.durationStart - Column.sizeEnd - 1,
            let stateText = out.place(of: kind, maker: maker &+ 1), stateText.count <= Self.longestState
        else { return false }
        let (process, thread) = (DecimalDigits(UInt64(pid)), DecimalDigits(UInt64(tid)))
        let words = name.words
        guard process.count + 1 + thread.count < Column.comm - Column.task,
            NameBytes.arePlain(low: words.low, high: words.high, count: name.count)
        else { return false }

        var line = out.beginLine(room: Column.state + Self.longestState + 32)
        line.fill(Column.state)
        let (seconds, nanoseconds) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        let (tenths, rest) = nanoseconds.quotientAndRemainder(dividingBy: 100_000_000)
        line.put(DecimalDigits(seconds).rightText >> 16, at: 0)
        line.put(0x302e &+ tenths << 8, at: 6)
        line.put(DecimalDigits(rest).text, at: 8)
        line.put(event.alias == .send ? Self.sendName : Self.receiveName, at: Column.name)
        line.put(process.leftText, at: Column.task)
        line.put(0x2020_2020_2020_202f, at: Column.task + process.count)
        line.put(thread.leftText, at: Column.task + process.count + 1)
        line.put(NameBytes.spaced(low: words.low, high: words.high, count: name.count), at: Column.comm)
        line.put(DecimalDigits(UInt64(size)).rightText, at: Column.sizeEnd - 8)
        line.copy(kindText, to: Column.sizeEnd)
        put(duration, into: &line)
        guard layout == .full else {
            out.endLine(count: Column.durationEnd)
            return true
        }
        line.put(Self.routeNames[Int(via.rawValue)], at: Column.via)
        line.copy(stateText, to: Column.state)
        let end = Column.state + stateText.count
        line.put(0x7830, at: end)
        line.put(OutputBuffer.hexText(of: socket), at: end + 2)
        out.endLine(count: end + 18)
        return true
    }

    /// Below 1000 seconds: three digits, cut after three decimals.
    @inline(__always)
    private func put(_ duration: UInt64, into line: inout OutputBuffer.Line) {
        let end = Column.durationEnd
        switch duration {
        case ..<1_000:
            let digits = DecimalDigits(duration)
            line.put(digits.rightText(last: 3) | 0x2020_2073_6e00_0000, at: end - 5)
        case ..<1_000_000: put(thousandths: duration, unit: UInt8(ascii: "u"), at: end - 9, into: &line)
        case ..<1_000_000_000: put(thousandths: duration / 1_000, unit: UInt8(ascii: "m"), at: end - 9, into: &line)
        default: put(thousandths: duration / 1_000_000, unit: 0, at: end - 8, into: &line)
        }
    }

    @inline(__always)
    private func put(thousandths: UInt64, unit: UInt8, at start: Int, into line: inout OutputBuffer.Line) {
        let digits = DecimalDigits(thousandths)
        let whole = digits.rightText(last: 6) & 0xff_ffff
        let second = UInt64(UInt8(ascii: "s"))
        let part = (digits.text >> 40) << 32 | UInt64(UInt8(ascii: ".")) << 24
        line.put(whole | part | (unit == 0 ? second : UInt64(unit)) << 56, at: start)
        if unit != 0 { line.put(0x2020_2020_2020_2000 | second, at: start + 8) }
    }

    /// Of state and flags, with the room behind them.
    private static var longestState: Int { 64 }

    private static let sendName = words("socket.send")
    private static let receiveName = words("socket.receive")
    private static let routeNames = Route.allCases.map { words($0.name) }

    /// A text of at most 16 bytes, spaces behind it.
    private static func words(_ text: StaticString) -> (low: UInt64, high: UInt64) {
        var (words, size): ((low: UInt64, high: UInt64), Int) = ((0, 0), text.utf8CodeUnitCount)
        text.withUTF8Buffer { bytes in
            size = min(bytes.count, 16)
            for index in 0..<size {
                if index < 8 {
                    words.low |= UInt64(bytes[index]) << UInt64(8 * index)
                } else {
                    words.high |= UInt64(bytes[index]) << UInt64(8 * (index - 8))
                }
            }
        }
        return NameBytes.spaced(low: words.low, high: words.high, count: size)
    }
}
