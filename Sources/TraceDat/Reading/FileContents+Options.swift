internal import RingBuffer

/// The most options one file may have.
let optionLimit = 1 << 16

extension FileContents {
    /// Takes in an option that means the same in both versions; false for one that does not, or is unknown.
    mutating func take(option id: UInt16, _ reader: inout SectionReader) throws(TraceDatError) -> Bool {
        switch id {
        case OptionID.date:
            time.offset &+= leadingInteger(try text(&reader)) &* 1000
            time.isWallClock = true
        case OptionID.offset:
            time.offset &+= leadingInteger(try text(&reader))
        case OptionID.cpuStatistics where cpuStats.count < Self.cpuLimit:
            cpuStats.append(String(decoding: try text(&reader), as: UTF8.self))
        case OptionID.traceClock:
            clock = Self.chosenClock(try text(&reader)) ?? clock
        case OptionID.uname:
            uname = String(decoding: try text(&reader), as: UTF8.self)
        case OptionID.version:
            version = String(decoding: try text(&reader), as: UTF8.self)
        case OptionID.ticks where reader.remaining >= 16:
            let multiplier = try reader.integer(UInt32.self, "the tick multiplier")
            let shift = try reader.integer(UInt32.self, "the tick shift")
            let offset = try reader.integer(UInt64.self, "the tick offset")
            guard shift < 64 else { throw reader.corrupt("ticks shifted by \(shift) bits") }
            if multiplier != 0 { time.ticks = .init(multiplier: multiplier, shift: shift, offset: offset) }
        case OptionID.timeShift where reader.remaining >= 16:
            time.guest = try Self.guestShift(&reader)
        default:
            return false
        }
        return true
    }

    /// The bytes of the option up to a NUL.
    private func text(_ reader: inout SectionReader) throws(TraceDatError) -> [UInt8] {
        guard reader.remaining <= Self.textLimit else { throw reader.corrupt("a text of \(reader.remaining) bytes") }
        return Array(try reader.bytes(reader.remaining, "an option's text").prefix { $0 != 0 })
    }

    /// The clock in brackets in the text of `trace_clock`, such as "local [mono] boot".
    static func chosenClock(_ text: [UInt8]) -> String? {
        guard let open = text.firstIndex(of: UInt8(ascii: "[")) else { return nil }
        let name = text[(open + 1)...].prefix { $0 != UInt8(ascii: "]") && $0 != 0 }
        return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
    }

    private static let sampleLimit = 1 << 20

    /// `{u64 peer, u32 flags, u32 cpus, cpus × {u32 count, i64 times…, i64 offsets…, i64 scalings…},
    /// cpus × {i64 fractions…}}`; the last part is missing in older files.
    private static func guestShift(_ reader: inout SectionReader) throws(TraceDatError) -> GuestShift {
        let peer = try reader.integer(UInt64.self, "the peer's trace id")
        let flags = try reader.integer(UInt32.self, "the flags of the time shift")
        let cpus = try reader.integer(UInt32.self, "the CPUs of the time shift")
        guard cpus <= UInt32(cpuLimit) else { throw reader.corrupt("a time shift for \(cpus) CPUs") }
        var samples: [[GuestShift.Sample]] = []
        var total = 0
        for _ in 0..<cpus {
            let count = try reader.integer(UInt32.self, "the number of time samples")
            total += Int(count)
            guard UInt64(count) * 24 <= reader.remaining, total <= sampleLimit else {
                throw reader.corrupt("\(count) time samples")
            }
            var list = Array(
                repeating: GuestShift.Sample(time: 0, offset: 0, scaling: 0, fraction: 0), count: Int(count))
            for index in list.indices { list[index].time = try signed(&reader) }
            for index in list.indices { list[index].offset = try signed(&reader) }
            for index in list.indices { list[index].scaling = try signed(&reader) }
            samples.append(list)
        }
        if reader.remaining > 0 {
            for cpu in samples.indices {
                for index in samples[cpu].indices { samples[cpu][index].fraction = try signed(&reader) }
            }
        }
        let distinct = samples.map { list in
            var last: Int64?
            return list.sorted { $0.time < $1.time }.filter { sample in
                defer { last = sample.time }
                return sample.time != last
            }
        }
        return GuestShift(peerTraceID: peer, flags: flags, samples: distinct)
    }

    private static func signed(_ reader: inout SectionReader) throws(TraceDatError) -> Int64 {
        Int64(bitPattern: try reader.integer(UInt64.self, "a time sample"))
    }
}
