/// Where things stand in a file that is being recorded: head, journal, room for the ending, then extents.
struct FileLayout {
    /// The journal's slots: 32 GiB of data in the smallest extents. They are a hole in the file until used.
    static let slotCount = 1 << 17
    /// An extent is some calls' worth of pages; smaller ones mean more moves at the end, larger ones more slack.
    private static let leastExtent = 256 << 10

    let extentSize: UInt64
    let journalAt: UInt64
    var slotsAt: UInt64 { journalAt + UInt64(PrivateSections.headSize + Journal.headSize) }
    /// Behind the journal's slots.
    var progressAt: UInt64 { slotsAt + UInt64(Self.slotCount * Journal.slotSize) }
    let progressSize: Int
    /// The section in which what a reader must know is noted early.
    let extensionAt: UInt64
    /// The first extent.
    let dataStart: UInt64
    /// The head of the unfinished file, for its start.
    let head: [UInt8]
    /// What else the unfinished file needs: in version 7 its options, in version 6 the trailer.
    let tail: [UInt8]
    let tailAt: UInt64
    /// What is allocated at once, so that a full disk does not keep the file from being finished.
    let reserveAt: UInt64
    let reserveSize: Int

    init(_ matter: FileMetadata) {
        let options = matter.options
        let page = UInt64(options.pageSize)
        let alignment = max(page, 4096)
        let reserve = UInt64(max(0, options.reserve))
        progressSize = Progress.size(cpuCount: options.cpuCount)
        let journalSize = UInt64(PrivateSections.headSize + Self.journalCount(progressSize))
        extentSize = UInt64(max(Self.leastExtent, options.pageSize * 4)).aligned(to: page)
        var ending = FileMetadata.FinalMetadata()
        ending.extensionData = []
        ending.extensionRoom = options.extensionRoom
        switch options.version {
        case .seven:
            let front = V7Metadata(matter)
            journalAt = UInt64(front.head.count)
            tailAt = journalAt + journalSize
            extensionAt = tailAt + V7Metadata.extensionOffset
            let made = front.tail(at: tailAt, ending, end: nil)
            dataStart = (tailAt + UInt64(made.bytes.count) + reserve).aligned(to: alignment)
            head = front.head(optionsAt: made.options)
            tail = made.bytes
            reserveAt = tailAt
            reserveSize = Int(dataStart - tailAt)
        case .six:
            let front = V6Metadata(matter: matter)
            let size = UInt64(front.head(ending).count)
            var part = ByteWriter()
            matter.putExtension(ending, into: &part)
            let trailer = UInt64(PrivateSections.trailerSize)
            let tailSize = UInt64(part.count) + trailer
            dataStart = (size + reserve + journalSize + tailSize).aligned(to: alignment)
            ending.dataStart = dataStart
            head = front.head(ending)
            tailAt = dataStart - tailSize
            extensionAt = tailAt
            journalAt = tailAt - journalSize
            part.put(V6Metadata.trailer(firstPart: journalAt))
            tail = part.bytes
            reserveAt = 0
            reserveSize = Int(journalAt)
        }
    }

    /// The journal's part up to its slots.
    func journalHead(_ state: Journal.State, _ matter: FileMetadata) -> [UInt8] {
        var body = ByteWriter()
        body.put(state.rawValue)
        body.put(UInt32(extentSize))
        body.put(dataStart)
        body.put(UInt32(Self.slotCount))
        let compressed = matter.options.compression == .none ? 0 : Journal.compressedFlag
        body.put(compressed | Journal.progressFlag)
        var part = ByteWriter()
        matter.putOwnPart(.journal, body.bytes, count: Self.journalCount(progressSize), into: &part)
        return part.bytes
    }

    /// Bytes of the journal.
    private static func journalCount(_ progressSize: Int) -> Int {
        Journal.headSize + slotCount * Journal.slotSize + 2 * progressSize
    }
}
