/// The head of a version 6 file: everything before the CPUs' data, in its one order.
struct V6Metadata {
    let matter: FileMetadata

    func head(_ ending: FileMetadata.FinalMetadata) -> [UInt8] {
        let options = matter.options
        var out = matter.prefix("6")
        out.put(matter.headerInfo)
        out.put(matter.ftraceFormats)
        out.put(matter.eventFormats)
        out.put(matter.noText)
        out.put(matter.noText)
        out.put(matter.commandLines(ending.commandLines))
        out.put(UInt32(options.cpuCount))
        out.put(string: "options  ")
        matter.putSharedOptions(ending, into: &out)
        out.put(OptionID.done)
        out.put(string: "flyrecord")
        let placed = Dictionary(ending.placements.map { ($0.cpu, $0) }) { first, _ in first }
        for cpu in 0..<options.cpuCount {
            out.put(placed[cpu]?.offset ?? ending.dataStart)
            out.put(placed[cpu]?.size ?? 0)
        }
        // Stands here because the option TRACECLOCK is among the options.
        let clock = "[\(options.clock)]"
        out.put(UInt64(clock.utf8.count))
        out.put(text: clock)
        return out.bytes
    }

    /// What stands right before the first CPU's data.
    static func trailer(firstPart: UInt64) -> [UInt8] {
        var out = ByteWriter()
        out.put(firstPart)
        out.put(PrivateSections.magic)
        return out.bytes
    }
}
