internal import AllocationCount
internal import EventFormats
internal import EventOutput
internal import RingBuffer
internal import SocketTracing
internal import SystemPackage
internal import TraceDat

/// The stages behind the walk, on a whole file.
enum Decoding {
    /// Merges the records of all CPUs and reads the fields of each, without asking what they mean.
    /// - Returns: how many records there are, and a sum without which the compiler would leave it all out.
    static func fields(_ path: FilePath) throws -> (records: Int, sum: UInt64) {
        var file = try TraceFile(path: path)
        let plans = try Plans(file)
        let size = file.buffers[0].pageSize
        guard
            let layout = SubBufferLayout(size: size, commitOffset: 8, commitWidth: 8, dataOffset: 16, byteOrder: .host)
        else { return (0, 0) }
        let cpus = file.buffers[0].cpus.count
        var merge = RecordMerge(layouts: Array(repeating: layout, count: cpus))
        let slot = 32 * size
        var room = [UInt8](repeating: 0, count: cpus * slot)
        var pages = Array(repeating: 0, count: cpus)
        var (records, sum) = (0, UInt64(0))
        while true {
            switch merge.next(in: room.span.bytes) {
            case .record:
                records += 1
                let (offset, length) = (merge.current.payload, merge.current.payloadLength)
                guard let payload = RecordPayload(at: offset, count: length, in: room.span.bytes) else { continue }
                sum &+= merge.current.time ^ plans.sum(of: payload)
            case .loss: continue
            case .done: return (records, sum)
            case .hungry(let cpu):
                let count = try room.withUnsafeMutableBytes {
                    try file.read(
                        buffer: 0, cpu: cpu, at: pages[cpu], into: .init(rebasing: $0[cpu * slot..<(cpu + 1) * slot]))
                }
                pages[cpu] += count
                if count == 0 {
                    merge.close(stream: cpu)
                } else {
                    merge.feed(stream: cpu, region: cpu * slot..<cpu * slot + count * size, in: room.span.bytes)
                }
            }
        }
    }

    /// The fields of all events, one event behind the other.
    private struct Plans {
        var fields: [FieldPlan] = []
        /// By event id.
        var places: [Range<Int>] = []

        let id = FieldPlan(offset: 0, width: 2, isSigned: false) ?? .absent

        init(_ file: borrowing TraceFile) throws {
            let parser = FormatParser(byteOrder: file.header.byteOrder, longSize: file.header.longSize)
            for text in file.formats where text.system.hasPrefix("sockftrace") || text.system == "task" {
                let format = try parser.parseFormat(text.text, system: text.system)
                let begin = fields.count
                fields += format.fields.filter(Self.matters).compactMap {
                    FieldPlan(offset: $0.offset, width: $0.size, isSigned: $0.isSigned)
                }
                while places.count <= Int(format.id) { places.append(0..<0) }
                places[Int(format.id)] = begin..<fields.count
            }
        }

        /// What every record has says nothing of sockets, but for the task.
        private static func matters(_ field: FormatField) -> Bool {
            guard !field.isArray, !field.isDynamic else { return false }
            return field.name == "common_pid" || !(field.name.hasPrefix("common_") || field.name.hasPrefix("__"))
        }

        @inline(__always)
        func sum(of payload: RecordPayload) -> UInt64 {
            let id = Int(truncatingIfNeeded: self.id.load(from: payload, swapped: false))
            guard id < places.count else { return 0 }
            var sum: UInt64 = 0
            for index in places[id] where fields[index].end <= payload.count {
                sum &+= fields[index].load(from: payload, swapped: false)
            }
            return sum
        }
    }

    /// Decodes and pairs.
    static func pair(_ path: FilePath) throws -> Int {
        var replay = try Replay(path: path)
        return Int(try replay.run { _ in }.statistics.records)
    }

    /// Decodes, pairs and renders, to memory that is used again and again.
    static func report(_ path: FilePath) throws -> Int {
        var replay = try Replay(path: path)
        let renderer = EventRenderer(format: .text)
        var output = OutputBuffer()
        return Int(
            try replay.run { batch in
                output.clear()
                renderer.render(batch, into: &output)
            }.statistics.records)
    }

    /// What a stage allocates; nil where that is not counted.
    static func allocations(_ stage: () throws -> Int) throws -> (records: Int, allocations: UInt64)? {
        guard allocation_count() > 0 else { return nil }
        let before = allocation_count()
        let records = try stage()
        return (records, allocation_count() - before)
    }
}
