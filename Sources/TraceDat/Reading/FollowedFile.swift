internal import LinuxSystem
internal import RingBuffer
package import SystemPackage

/// A recording that is read while its recorder writes it, sub-buffer by sub-buffer.
///
/// The recorder says in the file how many sub-buffers of each CPU are whole, and up to when no record is missing (`Progress`);
/// nothing beyond is looked at. It looks whether anybody follows, by a mark on the open file, and then writes what it has
/// several times a second, full sub-buffers or not.
package struct FollowedFile: ~Copyable, Sendable {
    /// What became of the recording.
    package enum Growth: Sendable, Equatable {
        /// Every record of an earlier time can be read.
        case upTo(UInt64)
        /// All can be read, and nothing more comes.
        case ended
        /// The data are being put together: what becomes of that shows later.
        case moving
        /// Its recorder is gone: the file is what it will be. Only `contents` reads it.
        case over
    }

    /// A file that was opened to be followed.
    package enum Opened: ~Copyable {
        /// The head tells what is known before the records.
        case growing(head: TraceFile, FollowedFile)
        /// Nobody writes it.
        case still(TraceFile)
    }

    private let file: Descriptor
    private let name: String
    private let journal: Journal
    private var progress: Progress
    /// The next slot of the journal's table.
    private var nextSlot: UInt64 = 1
    /// The extents of each CPU, by place.
    private var extents: [[UInt64]]
    /// CPUs that may come: numbers below this.
    package let cpuCount: Int
    /// Bytes of a sub-buffer.
    package let pageSize: Int

    private init(_ file: consuming Descriptor, _ name: String, _ journal: Journal, _ progress: Progress, pageSize: Int)
    {
        self.file = file
        self.name = name
        self.journal = journal
        self.progress = progress
        self.pageSize = pageSize
        cpuCount = progress.pages.count
        extents = Array(repeating: [], count: cpuCount)
    }

    /// The most bytes of one sub-buffer a CPU.
    package static let roundLimit = StreamFormat.roundLimit

    // MARK: Opening

    /// Opens a file, and waits until its recorder has begun.
    /// - Parameter goesOn: waits a while, and says whether to go on.
    /// - Returns: nil where that was not to go on.
    package static func open(_ path: FilePath, while goesOn: () -> Bool) throws(TraceDatError) -> Opened? {
        let file = try FileReader.open(path)
        let name = path.string
        guard (try? file.status().kind) == .regular else {
            throw TraceDatError(
                .unsupported, path: name, "only a file can be followed",
                remedy: "read a pipe without --follow-file: events are shown as they come")
        }
        // Before the recorder is looked for: it may look for us at once.
        try? file.set(.follower)
        while true {
            let isAlive = file.hasOthers(.writer)
            do throws(TraceDatError) {
                let head = try contents(of: file, name)
                guard isAlive, let journal = head.growth else { return .still(head) }
                if let opened = try growing(file, name, journal, head) { return opened }
            } catch {
                // The head is not there yet, or is being written anew.
                guard isAlive, error.kind != .unsupported else { throw error }
            }
            guard goesOn() else { return nil }
        }
    }

    /// - Returns: nil where the recorder has not begun, or has ended.
    private static func growing(
        _ file: borrowing Descriptor, _ name: String, _ journal: Journal, _ head: consuming TraceFile
    ) throws(TraceDatError) -> Opened? {
        guard journal.hasProgress, !journal.isCompressed, head.header.byteOrder == .host else {
            throw TraceDatError(
                .unsupported, path: name, "its recorder is of a version that cannot be followed",
                remedy: "record with this version, or wait for the end")
        }
        guard head.extensionData != nil, let progress = try progress(of: file, name, journal), progress.phase != .moving
        else { return nil }
        let pageSize = head.header.pageSize
        guard progress.pages.count * pageSize <= roundLimit else {
            throw TraceDatError(
                .corrupt, path: name, "\(progress.pages.count) CPUs with sub-buffers of \(pageSize) bytes")
        }
        var followed = FollowedFile(try duplicate(file, name), name, journal, progress, pageSize: pageSize)
        try followed.learnExtents()
        return .growing(head: head, followed)
    }

    private static func duplicate(_ file: borrowing Descriptor, _ name: String) throws(TraceDatError) -> Descriptor {
        try FileReader.duplicate(FileDescriptor(rawValue: file.raw), name)
    }

    private static func contents(of file: borrowing Descriptor, _ name: String) throws(TraceDatError) -> TraceFile {
        try TraceFile(FileReader(owning: duplicate(file, name), name: name))
    }

    /// The file as it stands now, read like any other.
    package func contents() throws(TraceDatError) -> TraceFile {
        let found = try Self.contents(of: file, name)
        guard found.header.pageSize == pageSize else {
            throw corrupt("sub-buffers of \(found.header.pageSize) bytes in place of \(pageSize)")
        }
        return found
    }

    // MARK: Growth

    /// Looks how far the recording has come.
    package mutating func look() throws(TraceDatError) -> Growth {
        // In this order: what the recorder did last is seen where it is gone.
        let isAlive = file.hasOthers(.writer)
        guard let latest = try Self.progress(of: file, name, journal), latest.pages.count == cpuCount,
            latest.phase != .moving
        else { return isAlive ? .moving : .over }
        guard isAlive || latest.phase == .ended else { return .over }
        if latest != progress {
            progress = latest
            try learnExtents()
        }
        return latest.phase == .ended ? .ended : .upTo(latest.horizon)
    }

    /// The later of the two that is whole; nil where neither is.
    private static func progress(
        of file: borrowing Descriptor, _ name: String, _ journal: Journal
    ) throws(TraceDatError) -> Progress? {
        let start = journal.slotsAt + UInt64(journal.slotCount) * UInt64(Journal.slotSize)
        let head = try bytes(Progress.headSize, of: file, name, at: start)
        guard head.count == Progress.headSize else { return nil }
        let place = Progress.cpuCountOffset
        let cpuCount = head[place..<(place + 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard (1...StreamFormat.cpuLimit).contains(cpuCount) else { return nil }
        let size = Progress.size(cpuCount: cpuCount)
        let both = try bytes(2 * size, of: file, name, at: start)
        guard both.count == 2 * size else { return nil }
        return [both[..<size], both[size...]].compactMap { Progress(decoding: $0) }
            .max { $0.sequence < $1.sequence }
    }

    /// Reads whose the extents are that came since.
    private mutating func learnExtents() throws(TraceDatError) {
        let slotsAtOnce: UInt64 = 512
        while nextSlot < UInt64(journal.slotCount) {
            let count = Int(min(slotsAtOnce, UInt64(journal.slotCount) - nextSlot)) * Journal.slotSize
            let table = try Self.bytes(
                count, of: file, name, at: journal.slotsAt + nextSlot * UInt64(Journal.slotSize))
            for start in stride(from: 0, to: table.count - table.count % Journal.slotSize, by: Journal.slotSize) {
                func number(_ offset: Int) -> Int {
                    table[(start + offset)..<(start + offset + 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
                }
                let owner = number(0)
                guard owner != 0 else { return }
                guard owner <= cpuCount, number(4) == extents[owner - 1].count else {
                    throw corrupt("extent \(nextSlot) is the \(number(4))th of CPU \(owner - 1)")
                }
                extents[owner - 1].append(journal.start + nextSlot * journal.extentSize)
                nextSlot += 1
            }
            if table.count < count { return }
        }
    }

    private func corrupt(_ problem: String) -> TraceDatError {
        TraceDatError(.corrupt, path: name, problem, remedy: "did another program write to the file?")
    }

    // MARK: Sub-buffers

    /// Reads whole sub-buffers of a CPU, as far as the last look showed some.
    /// - Returns: how many; nil where the recorder may have moved them meanwhile: what is in the room is not to be used.
    package func read(
        cpu: Int, at page: Int, into room: UnsafeMutableRawBufferPointer
    ) throws(TraceDatError) -> Int? {
        let left = UInt64(page) < progress.pages[cpu] ? progress.pages[cpu] - UInt64(page) : 0
        let position = UInt64(page) * UInt64(pageSize)
        let (place, offset) = position.quotientAndRemainder(dividingBy: journal.extentSize)
        let inExtent = (journal.extentSize - offset) / UInt64(pageSize)
        let count = Int(min(left, inExtent, UInt64(room.count / pageSize)))
        guard count > 0 else { return 0 }
        guard place < UInt64(extents[cpu].count) else {
            throw TraceDatError(
                .unsupported, path: name, "it has become too long to be followed",
                remedy: "read it when the recording has ended")
        }
        let start = extents[cpu][Int(place)] + offset
        let part = UnsafeMutableRawBufferPointer(rebasing: room[..<(count * pageSize)])
        let got: Int
        do {
            got = try file.readFully(at: start, into: part)
        } catch {
            throw TraceDatError(.system(error), path: name, offset: start, "cannot read")
        }
        let latest = try Self.progress(of: file, name, journal)
        guard let latest, latest.phase != .moving else { return nil }
        guard got == part.count else { throw corrupt("sub-buffers of CPU \(cpu) are missing") }
        return count
    }

    /// As many bytes as there are.
    private static func bytes(
        _ count: Int, of file: borrowing Descriptor, _ name: String, at offset: UInt64
    ) throws(TraceDatError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: Errno?
        let got = bytes.withUnsafeMutableBytes { room in
            do throws(Errno) { return try file.readFully(at: offset, into: room) } catch { failure = error }
            return 0
        }
        if let failure { throw TraceDatError(.system(failure), path: name, offset: offset, "cannot read") }
        return Array(bytes[..<got])
    }
}
