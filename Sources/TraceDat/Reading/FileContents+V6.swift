internal import RingBuffer

// Version 6: everything in one fixed order, the places of the CPUs' data last.
extension FileContents {
    private struct Instance {
        var name: String
        var offset: UInt64
        var cpuCount: Int?
    }

    static func readVersion6(
        _ file: FileReader, _ reader: inout SectionReader
    ) throws(TraceDatError) -> FileContents {
        var contents = FileContents(header: try commonHeader(version: 6, file, &reader))
        try contents.readHeaderInfo(&reader)
        try contents.readFtraceFormats(&reader)
        try contents.readEventFormats(&reader)
        try reader.skip(UInt64(try reader.integer(UInt32.self, "the size of the symbols")), "the symbols")
        try reader.skip(UInt64(try reader.integer(UInt32.self, "the size of the printk formats")), "the printk formats")
        try contents.readCommandLines(&reader)
        let cpus = try reader.integer(UInt32.self, "the number of CPUs")
        guard cpus <= UInt32(cpuLimit) else { throw reader.corrupt("\(cpus) CPUs") }
        contents.cpuCount = Int(cpus)

        var instances: [Instance] = []
        let hasClock = try contents.readOptions6(file, &reader, &instances)
        let count = contents.cpuCount ?? Int(cpus)
        var top = try contents.readTable6("", cpus: count, file, &reader)
        let tableEnd = reader.position
        if hasClock { contents.readClock6(&reader) }
        top.clock = contents.clock ?? "local"
        contents.buffers.append(top)
        for instance in instances { contents.readInstance6(instance, cpus: Int(cpus), file) }
        contents.readOwnParts6(file, from: tableEnd)
        return contents
    }

    /// Reads options up to their end, if there are any, and the marker of the kind of data. Returns whether the text
    /// of the clock follows the table of CPUs.
    private mutating func readOptions6(
        _ file: FileReader, _ reader: inout SectionReader, _ instances: inout [Instance]
    ) throws(TraceDatError) -> Bool {
        var hasClock = false
        if try reader.accept("options  \0", "the options or the kind of data") {
            for number in 0... {
                let id = try reader.integer(UInt16.self, "an option")
                if id == OptionID.done { break }
                guard number < optionLimit else { throw reader.corrupt("more than \(optionLimit) options") }
                let size = UInt64(try reader.integer(UInt32.self, "the size of an option"))
                var option = SectionReader(
                    file, offset: reader.position, count: min(size, reader.remaining), byteOrder: reader.byteOrder,
                    what: "option \(id)")
                try reader.skip(size, "option \(id)")
                if id == OptionID.traceClock { hasClock = true }
                do throws(TraceDatError) {
                    switch id {
                    case OptionID.buffer:
                        guard instances.count < Self.cpuLimit else { throw reader.corrupt("too many buffers") }
                        let offset = try option.integer(UInt64.self, "the place of a buffer")
                        let name = try option.string(limit: 4096, "the name of a buffer")
                        instances.append(Instance(name: name, offset: offset))
                    case OptionID.cpuCount:
                        let count = try option.integer(UInt32.self, "the number of CPUs")
                        guard count <= UInt32(Self.cpuLimit) else { throw option.corrupt("\(count) CPUs") }
                        if instances.isEmpty {
                            cpuCount = Int(count)
                        } else {
                            instances[instances.count - 1].cpuCount = Int(count)
                        }
                    default:
                        _ = try take(option: id, &option)
                    }
                } catch { damage.append(TraceFile.Damage(error)) }
            }
        }
        try Self.expectFlyrecord(file, &reader)
        return hasClock
    }

    private static func expectFlyrecord(_ file: FileReader, _ reader: inout SectionReader) throws(TraceDatError) {
        if try reader.accept("flyrecord\0", "the kind of data") { return }
        if try reader.accept("latency  \0", "the kind of data") { throw latencyUnsupported(file, at: reader.position) }
        throw reader.corrupt("neither options nor \"flyrecord\" follow the number of CPUs")
    }

    static func latencyUnsupported(_ file: FileReader, at offset: UInt64) -> TraceDatError {
        TraceDatError(
            .unsupported, path: file.path, offset: offset, "this file holds the text of a latency tracer, not records",
            remedy: "read it with trace-cmd report, or record events instead")
    }

    private mutating func readTable6(
        _ name: String, cpus: Int, _ file: FileReader, _ reader: inout SectionReader
    ) throws(TraceDatError) -> TraceFile.Buffer {
        guard UInt64(cpus) * 16 <= reader.remaining else {
            throw TraceDatError(
                .cutShort, path: file.path, offset: file.size, "the file ends within the table of its \(cpus) CPUs",
                remedy: "the copy or the recording may have been broken off: fetch the file again")
        }
        var buffer = TraceFile.Buffer(name: name, clock: "local", pageSize: header.pageSize, cpus: [])
        for cpu in 0..<cpus {
            let offset = try reader.integer(UInt64.self, "the place of a CPU's data")
            let size = try reader.integer(UInt64.self, "the size of a CPU's data")
            buffer.cpus.append(
                TraceFile.CPUData(
                    cpu: cpu, isCompressed: false,
                    extents: extents(
                        cpu: cpu, offset: offset, size: size, pageSize: header.pageSize, isCompressed: false, in: file))
            )
        }
        return buffer
    }

    /// The text of `trace_clock` after the table. Old recorders wrote it damaged, so a bad one is only left out.
    private mutating func readClock6(_ reader: inout SectionReader) {
        guard let size = try? reader.integer(UInt64.self, "the size of the clock"), size <= 4096,
            let text = try? reader.bytes(size, "the clock")
        else { return }
        clock = Self.chosenClock(text) ?? clock
    }

    private mutating func readInstance6(_ instance: Instance, cpus: Int, _ file: FileReader) {
        var reader = SectionReader(
            file, offset: instance.offset, count: UInt64.max - instance.offset, byteOrder: header.byteOrder,
            what: "buffer \"\(Self.printable(instance.name))\"")
        do throws(TraceDatError) {
            try Self.expectFlyrecord(file, &reader)
            var buffer = try readTable6(instance.name, cpus: instance.cpuCount ?? cpus, file, &reader)
            buffer.clock = clock ?? "local"
            buffers.append(buffer)
        } catch { damage.append(TraceFile.Damage(error)) }
    }
}
