internal import SocketEvents

/// Lines all of whose values fit in their columns, which nearly all lines are: each value is written to its place.
/// Written one behind the other, each has to wait to learn where the one before ends, fifty times a line.
///
/// What the layout does not show is written behind the line's end, which costs less than to ask whether it is shown.
extension TextRenderer {
    /// Appends a message up to its ends, unless a value of it may not fit, is unknown or is new: then it appends nothing.
    @inline(__always)
    func renderInPlace(
        _ event: borrowing SocketEvent, _ arguments: Alias.Arguments, _ kind: RenderKey, into out: inout OutputBuffer
    ) -> Bool {
        let (time, tid, places) = (event.time, event.tid, layout.places)
        guard self.time == .clock, arguments == Alias.send.arguments, event.success == true,
            time < 1_000_000 * 1_000_000_000,
            let pid = event.pid, 0..<10_000_000 ~= pid, 0..<10_000_000 ~= tid, let name = event.comm,
            let size = event.size, 0..<100_000_000 ~= size, let duration = event.duration,
            duration < 999_500_000_000, let via = event.via, let socket = event.socket,
            let kindText = text(of: places.kind, kind, maker, in: &out),
            let stateText = text(of: places.state, kind, maker &+ 1, in: &out)
        else { return false }
        let (process, thread) = (DecimalDigits(UInt64(pid)), DecimalDigits(UInt64(tid)))
        let (words, nameCount) = (name.words, name.count)
        guard nameCount + 1 + process.count <= places.processWidth,
            NameBytes.arePlain(low: words.low, high: words.high, count: nameCount)
        else { return false }

        var line = out.beginLine(room: places.room)
        line.fill(places.end)
        let (seconds, nanoseconds) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        let (tenths, rest) = nanoseconds.quotientAndRemainder(dividingBy: 100_000_000)
        line.put(DecimalDigits(seconds).rightText >> 16, at: places.time)
        line.put(0x302e &+ tenths << 8, at: places.time + 6)
        line.put(DecimalDigits(rest).text, at: places.time + 8)
        if !layout.isPrecise { line.put(0x2020_2020_2020_2020, at: places.time + 13) }
        line.put(event.alias == .send ? Self.sendWord : Self.receiveWord, at: places.event)
        line.put(process.rightText, at: places.pidEnd - 8)
        line.put(thread.rightText, at: places.tidEnd - 8)
        let spaced = NameBytes.spaced(low: words.low, high: words.high, count: nameCount)
        line.put(spaced, at: places.process)
        line.put(0x2020_2020_2020_202f, at: places.process + nameCount)
        line.put(process.leftText, at: places.process + nameCount + 1)
        line.put(spaced, at: places.comm)
        line.put(DecimalDigits(UInt64(size)).rightText, at: places.bytesEnd - 8)
        line.put(Self.word(of: duration), at: places.latencyEnd - 7)
        line.copy(kindText, to: places.kind.start)
        let route = Int(via.rawValue)
        line.put(Self.routeWords[route].low, at: places.via)
        line.copy(stateText, to: places.state.start)
        line.put(0x7830, at: places.socket)
        line.put(OutputBuffer.hexText(of: socket), at: places.socket + 2)
        if places.ends.isEmpty {
            out.takeLine(count: end(kindText.count, stateText.count, route))
        } else {
            out.takeLine(count: places.end)
        }
        return true
    }

    /// Where a part's text is in the buffer, if it is there; nothing is enough where the part is not shown.
    @inline(__always)
    private func text(
        of part: TextLayout.Places.Part, _ kind: RenderKey, _ maker: UInt64, in out: inout OutputBuffer
    ) -> (start: Int, count: Int)? {
        part.width == 0 ? (0, 0) : out.place(of: kind, maker: maker)
    }

    /// Where the last value ends.
    @inline(__always)
    private func end(_ kindCount: Int, _ stateCount: Int, _ route: Int) -> Int {
        switch layout.places.last {
        case .protocol, .family, .type: layout.places.kind.start + kindCount
        case .state, .flags: layout.places.state.start + stateCount
        case .via: layout.places.via + Self.routeLengths[route]
        default: layout.places.end
        }
    }

    /// A duration below 1000 seconds as `append(duration:)` writes it: seven columns, aligned to the right, and a space.
    @inline(__always)
    private static func word(of duration: UInt64) -> UInt64 {
        let number = ReadableNumber(duration)
        let digits = DecimalDigits(number.digits)
        let text = digits.rightText(last: 3)
        let space: UInt64 = 0x20
        let point = UInt64(UInt8(ascii: "."))
        let shown: UInt64 =
            switch number.decimals {
            case 0: space | text << 8
            case 1: text & 0xffff | point << 16 | (text >> 16 & 0xff) << 24
            default: text & 0xff | point << 8 | (text >> 8 & 0xffff) << 16
            }
        let seconds = UInt64(UInt8(ascii: "s"))
        let unit: UInt64 =
            switch number.power {
            case 0: UInt64(UInt8(ascii: "n"))
            case 1: UInt64(UInt8(ascii: "u"))
            case 2: UInt64(UInt8(ascii: "m"))
            default: 0
            }
        if unit == 0 { return space | shown << 8 | space << 40 | seconds << 48 | space << 56 }
        return shown | space << 32 | unit << 40 | seconds << 48 | space << 56
    }

    private static let sendWord = words(Alias.send.word).low
    private static let receiveWord = words(Alias.receive.word).low
    private static let routeWords = Route.allCases.map { words($0.word) }
    private static let routeLengths = Route.allCases.map(\.word.utf8CodeUnitCount)

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
