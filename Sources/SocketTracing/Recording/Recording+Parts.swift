internal import LinuxSystem
internal import RingBuffer
internal import SystemPackage
internal import TraceDat
internal import TraceFS

/// How large a recording becomes.
package struct RecordingBounds: Sendable, Equatable {
    /// Bytes of sub-buffers in a file; what it shares with those before and after it comes on top, which is no more than the
    /// kernel's buffers hold.
    package var size: UInt64
    /// Files that are kept, of which each goes on where the one before ends; nil where the first ends the recording.
    package var keep: Int?

    package init(size: UInt64, keep: Int? = nil) {
        self.size = size
        self.keep = keep
    }
}

/// The files of a recording that goes on in the next when one is full.
struct RecordingParts {
    private let names: PartNames
    /// The most files of that name.
    private let keep: Int
    /// The number in the name of the file that is written.
    private(set) var number: Int
    /// The same of the recording's first.
    private let first: Int
    let finisher: FileFinisher

    /// A later recording of the same name goes on behind the files that it finds.
    init(_ path: FilePath, keep: Int, _ compression: Compression) throws(TracingError) {
        names = PartNames(path: path)
        self.keep = keep
        finisher = FileFinisher(compression)
        do {
            first = (try names.numbers().last ?? 0) + 1
        } catch {
            throw .recordingFiles(path.string, error)
        }
        number = first
    }

    /// The file that is written.
    var path: FilePath { names.path(of: number) }

    mutating func goOn() { number += 1 }

    /// Removes the oldest where there would be too many with the one that is written.
    func removeOldest() throws(TracingError) {
        do throws(Errno) {
            for old in try names.numbers().filter({ $0 != number }).dropLast(keep - 1) {
                let path = names.path(of: old)
                finisher.drop(path)
                do throws(Errno) {
                    try Files.unlink(path.string)
                } catch {
                    if error != .noSuchFileOrDirectory { throw error }
                }
            }
        } catch {
            throw .recordingFiles(names.path.string, error)
        }
    }

    /// Those of this recording that are there.
    var paths: [FilePath] {
        ((try? names.numbers()) ?? []).filter { $0 >= first && $0 <= number }.map { names.path(of: $0) }
    }
}

extension Recording {
    /// The file is as large as it may be.
    var hasReachedSize: Bool { bounds.map { writer.byteCount &- sharedBytes >= $0.size } ?? false }

    /// Ends the file that is written and begins the next one. Each can be read alone, and shows what its records say on its
    /// side of one moment, the border: sub-buffers that may have records of both sides are in both, and so is a list of the
    /// sockets. A call that was entered before these and returns behind the border is shown of neither: the first counts
    /// it as unfinished, the second as in progress at its beginning.
    mutating func goOnInNextFile() throws(TracingError) {
        // What the next file's reader must know of sockets is in records, that of tasks in the notes.
        seen?.look(session)
        let begin = Clock.monotonic.now
        try? session.takeSnapshot()
        let border = Clock.monotonic.now
        // Whatever has a time before the border is committed by then.
        Clock.monotonic.sleep(until: border + ProbeSession.commitTime)
        let counts = try session.kernelCounts()

        parts?.goOn()
        guard let parts else { return }
        var next = try Self.writer(parts.path, fileOptions)
        var shared: [[UInt8]] = []
        do throws(TracingError) {
            if discarding != nil {
                shared = try finishPart(before: border)
            } else {
                for stream in 0..<session.streamCount { try moveShared(stream, before: border, to: &next) }
            }
        } catch {
            next.abandon()
            throw error
        }
        sharedBytes = next.byteCount
        swap(&writer, &next)
        var ending = FullFile.Ending()
        notes.end = border
        note(counts)
        noteDiscarded()
        notes.note(groups)
        ending.commandLines = commandLines()
        ending.statistics = statistics(counts)
        ending.notes = notes.encoded
        Self.tellEnd(notes, in: &next)
        parts.finisher.add(FullFile(next, path: path, ending))
        path = parts.path
        // Not before: with --keep 1 that is the file that was written up to now.
        try parts.removeOldest()

        (notes.continuesAt, notes.end) = (border, nil)
        noteTasks(at: begin)
        beginDiscarding(shared)
        seen?.forget(before: begin)
        horizon = border
        try note()
    }

    /// Moves what a CPU recorded before a time into this file and the next.
    private mutating func moveShared(
        _ stream: Int, before border: UInt64, to next: inout TraceDatWriter
    ) throws(TracingError) {
        let size = session.layout.size
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * size, alignment: 4096)
        defer { room.deallocate() }
        while true {
            let count = try session.read(stream, into: room)
            guard count > 0 else { return }
            let pages = UnsafeRawBufferPointer(rebasing: room[..<count])
            try append(stream, pages)
            do {
                try next.append(cpu: Int(session.cpus[stream]), bytes: pages)
            } catch {
                throw .traceDat(error)
            }
            // A sub-buffer begins with its first record's time; what follows a later one is the next file's alone.
            if pages.loadUnaligned(fromByteOffset: count - size, as: UInt64.self) >= border { return }
        }
    }

    /// Waits for the files before the last.
    static func finish(_ parts: RecordingParts, _ report: inout TraceReport, while goesOn: () -> Bool) {
        let outcome = parts.finisher.finish(while: goesOn)
        report.fileRemarks = outcome.remarks + report.fileRemarks
        report.fileTrouble = outcome.trouble ?? report.fileTrouble
        report.files = parts.paths.map(\.string)
    }

    /// Notes when the file's records begin, and who the tasks were.
    mutating func noteTasks(at begin: UInt64) {
        notes.begin = begin
        notes.waiting = 0
        notes.tasks = seen?.known(at: begin) ?? []
        guard notes.othersAreLeftOut, var wanted = seen?.processes(at: begin) else { return }
        if let tracer = notes.tracer { wanted.remove(tracer) }
        // Their births, by which readers know who descends from whom, are in no record here.
        notes.processes = (notes.processes ?? []).union(wanted)
        notes.followsChildren = notes.followsChildren || notes.followsTracersChildren
    }

    /// Notes what the kernel has counted since the last file.
    mutating func note(_ counts: KernelCounts) {
        notes.lostRecords = counts.lostRecords &- countedBefore.lostRecords
        notes.missedHits = counts.missedReturns &- countedBefore.missedReturns
        notes.disturbances = session.disturbances
        countedBefore = counts
    }

    func statistics(_ counts: KernelCounts?) -> [String] {
        zip(session.cpus, counts?.cpus ?? []).map { "CPU: \($0)\n\($1.text)" }
    }
}
