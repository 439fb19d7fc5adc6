/// Which extent of the file holds what, in memory and in the file's journal.
///
/// Extent 0 is allocated at the start and stays free, so that there is always room to move another into.
struct ExtentTable {
    /// What an extent holds: the `place`-th extent of a CPU's data.
    struct Owner: Equatable, Hashable {
        var cpu: Int
        var place: Int
    }

    let start: UInt64
    let size: UInt64
    /// Where the journal's slots stand in the file, and how many there are.
    let slotsAt: UInt64
    let slotCount: Int
    private(set) var owners: [Owner?] = [nil]

    init(_ layout: FileLayout) {
        start = layout.dataStart
        size = layout.extentSize
        slotsAt = layout.slotsAt
        slotCount = FileLayout.slotCount
    }

    func offset(of extent: Int) -> UInt64 { start + UInt64(extent) * size }

    /// Notes the owner of an extent, in memory and in the journal. Extents beyond the journal's slots are noted in
    /// memory only; of a recording so long, a killed recorder loses the end.
    mutating func setOwner(_ owner: Owner?, of extent: Int, in file: borrowing OutputFile) throws(TraceDatError) {
        if extent < slotCount {
            var slot = ByteWriter()
            slot.put(UInt32(owner.map { $0.cpu + 1 } ?? 0))
            slot.put(UInt32(owner?.place ?? 0))
            try file.write(slot.bytes, at: slotsAt + UInt64(extent * Journal.slotSize))
        }
        while owners.count <= extent { owners.append(nil) }
        owners[extent] = owner
    }

    /// Moves extents until CPU after CPU lies in one piece; `needed` tells how many extents each CPU has, in the
    /// order wanted. Returns the extent at which the first CPU begins.
    ///
    /// A move goes into a free extent, and the journal is changed after it and before the next. So whenever the
    /// process dies, the journal describes all data, and no room beyond the file's own is needed.
    mutating func arrange(
        _ needed: [(cpu: Int, extents: Int)], in file: borrowing OutputFile
    ) throws(TraceDatError) -> Int {
        var wanted: [Owner] = []
        for entry in needed {
            for place in 0..<entry.extents { wanted.append(Owner(cpu: entry.cpu, place: place)) }
        }
        if owners.count > wanted.count, owners[1..<(1 + wanted.count)].elementsEqual(wanted) { return 1 }

        let keep = Set(wanted)
        var position: [Owner: Int] = [:]
        var free: [Int] = []
        for (extent, owner) in owners.enumerated() {
            if let owner, keep.contains(owner) { position[owner] = extent } else { free.append(extent) }
        }
        // Free extents that will be filled are filled by whom they belong to, which frees another, and so on.
        var next = 0
        while true {
            while let hole = free.last {
                free.removeLast()
                guard hole < wanted.count, let source = position[wanted[hole]], source != hole else { continue }
                try move(wanted[hole], from: source, to: hole, in: file)
                position[wanted[hole]] = hole
                free.append(source)
            }
            while next < wanted.count, position[wanted[next]] == next { next += 1 }
            guard next < wanted.count, let owner = owners[next] else { return 0 }
            // A circle among extents that are all taken: one steps aside to the free one behind the rest.
            let spare = wanted.count
            try move(owner, from: next, to: spare, in: file)
            position[owner] = spare
            free.append(next)
        }
    }

    private mutating func move(
        _ owner: Owner, from source: Int, to target: Int, in file: borrowing OutputFile
    ) throws(TraceDatError) {
        try file.copy(from: offset(of: source), to: offset(of: target), count: size)
        try setOwner(owner, of: target, in: file)
        try setOwner(nil, of: source, in: file)
    }
}
