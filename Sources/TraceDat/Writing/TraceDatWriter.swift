internal import RingBuffer
internal import LinuxSystem
package import SystemPackage

/// Writes a trace.dat while its CPUs are being drained: raw sub-buffers as they come, everything else at the end.
///
/// While recording, the CPUs' data go into extents of one size that lie in the file in the order in which they were
/// needed, and a journal in the file says which extent is whose. `finish` moves the extents until each CPU's data are
/// in one piece, as the format wants, within the file's own room. Therefore:
/// - no temporary files exist at any time;
/// - a full disk stops `append` with `noSpace`, and `finish` still makes a complete file of what was appended;
/// - the file of a recorder that was killed opens with `TraceFile`, for all CPUs (trace-cmd sees no records in it).
///   Only the last milliseconds of `finish`, when a recording of less than 8 MiB is written anew without gaps, are not
///   covered, nor is what waits for a compressed chunk to be full, which is in memory.
/// - compressing at the end goes into a second file, which takes the name of the first when it is complete. Killed
///   meanwhile, or without the room for it, the recording is there as it was.
///
/// A writer that goes away without `finish` or `abandon` leaves its file as that of a killed recorder.
///
/// The file has the byte order and word size of this machine. A trace-cmd of any version 3 reads version 7, one of
/// version 2 reads version 6.
package struct TraceDatWriter: ~Copyable, Sendable {
    /// What a file says of its recording from the start, and how it is made.
    package struct Options: Sendable {
        /// The version of the file format.
        package enum Version: Int, Sendable, CaseIterable {
            /// For old readers; cannot be compressed.
            case six = 6
            /// What trace-cmd 3 writes.
            case seven = 7
        }

        /// The version of the file format.
        package var version: Version = .seven
        /// Compression of the CPU data as they come, in version 7 only: what `finish` makes at the end.
        package var compression: Compression = .none
        /// Bytes in a sub-buffer: the data offset plus the data size in `headerPage`.
        package var pageSize: Int
        /// CPUs that may have data: one more than the highest number.
        package var cpuCount: Int
        /// The text of `events/header_page` of the recorded instance.
        package var headerPage: [UInt8]
        /// The text of `events/header_event`.
        package var headerEvent: [UInt8]
        /// The format files of the recorded events; those of system "ftrace" become the tracer's own.
        package var formats: [TraceFile.EventFormatText]
        /// The name of the trace clock, such as "mono".
        package var clock: String
        /// What uname(1) would say.
        package var uname: String?
        /// The name and version of the recorder.
        package var recorderVersion: String?
        /// Room kept for what is known only at the end, bytes: command lines, statistics and the extension.
        package var reserve = 512 << 10
        /// Room kept for `note`, bytes.
        package var extensionRoom = 64 << 10

        /// The least that a file needs; the rest has defaults.
        package init(
            pageSize: Int, cpuCount: Int, headerPage: [UInt8], headerEvent: [UInt8],
            formats: [TraceFile.EventFormatText], clock: String
        ) {
            self.pageSize = pageSize
            self.cpuCount = cpuCount
            self.headerPage = headerPage
            self.headerEvent = headerEvent
            self.formats = formats
            self.clock = clock
        }
    }

    /// What came of a finished file.
    package struct Summary: Sendable, Equatable {
        /// Bytes of the file.
        package var size: UInt64 = 0
        /// Sub-buffers of all CPUs.
        package var pages = 0
        /// Command lines that found no room, which happens only on a full disk or beyond `Options.reserve`.
        package var droppedCommandLines = 0
        /// True when the extension found no room.
        package var droppedExtension = false
        /// Why the file was left as it was though it was to be compressed at the end; nil where it was not to be, or is.
        package var uncompressed: String?
    }

    let file: OutputFile
    let options: Options
    let matter: FileMetadata
    var table: ExtentTable
    var streams: [CPUStream]
    let compressor: Compressor?
    var isFull = false
    /// What `note` has put into the file.
    var noted: [UInt8] = []
    /// The last that was said of how far the recording has come.
    var progress: UInt64 = 0
    let layout: FileLayout
    private var pipe: SplicePipe?

    /// The data of one CPU so far.
    struct CPUStream {
        /// Extents in the order of the data.
        var extents: [Int] = []
        /// Bytes in them.
        var count: UInt64 = 0
        var pages = 0
        /// Sub-buffers that wait for their chunk to be full, and the chunks written; only when compressing.
        var pending: [UInt8] = []
        var chunks: UInt32 = 0
    }

    /// Sub-buffers in a compressed chunk, as trace-cmd has it.
    static let chunkPages = 10

    /// Creates `path`, or empties it, and writes what is known already.
    /// - Throws: `TraceDatError`: `misuse` for options that cannot be, otherwise what the system said.
    package init(path: FilePath, options: Options) throws(TraceDatError) {
        try Self.check(options, path: path)
        try self.init(OutputFile(path: path), options)
    }

    init(_ file: consuming OutputFile, _ options: Options) throws(TraceDatError) {
        let matter = FileMetadata(options: options)
        let layout = FileLayout(matter)
        do throws(TraceDatError) {
            try Self.begin(file, layout, matter)
        } catch {
            file.opened.remove()
            throw error
        }
        self.options = options
        self.matter = matter
        self.layout = layout
        table = ExtentTable(layout)
        compressor = Compressor(options.compression)
        streams = Array(repeating: CPUStream(), count: options.cpuCount)
        self.file = file
    }

    private static func begin(
        _ file: borrowing OutputFile, _ layout: FileLayout, _ matter: FileMetadata
    ) throws(TraceDatError) {
        try file.allocate(at: layout.reserveAt, count: layout.reserveSize)
        try file.allocate(at: layout.dataStart, count: Int(layout.extentSize))
        try file.write(layout.tail, at: layout.tailAt)
        try file.write(layout.journalHead(.recording, matter), at: layout.journalAt)
        // The head last: until then nobody takes the file for a trace.dat.
        try file.write(layout.head, at: 0)
    }

    private static func check(_ options: Options, path: FilePath) throws(TraceDatError) {
        func misuse(_ problem: String) -> TraceDatError { TraceDatError(.misuse, path: path.string, problem) }
        guard FileContents.pageSizes.contains(options.pageSize), options.pageSize.nonzeroBitCount == 1 else {
            throw misuse("sub-buffers of \(options.pageSize) bytes cannot be recorded")
        }
        guard (1...FileContents.cpuLimit).contains(options.cpuCount) else {
            throw misuse("\(options.cpuCount) CPUs cannot be recorded")
        }
        switch (options.compression, options.version) {
        case (.none, _), (_, .seven): break
        case (_, .six): throw misuse("version 6 has no compression; write version 7")
        }
    }

    func writeOptionsPlace(_ place: UInt64, _ front: V7Metadata) throws(TraceDatError) {
        var bytes = ByteWriter()
        bytes.put(place)
        try file.write(bytes.bytes, at: front.optionsField)
    }

    /// Sub-buffers of CPU `cpu` that are safe: they will be in the finished file.
    package func pages(of cpu: Int) -> Int {
        streams.indices.contains(cpu) ? streams[cpu].pages : 0
    }

    /// Bytes of all sub-buffers so far.
    package var byteCount: UInt64 { streams.reduce(0) { $0 + UInt64($1.pages) * UInt64(options.pageSize) } }

    /// Adds whole sub-buffers of one CPU.
    ///
    /// - Throws: `TraceDatError`. After `noSpace`, `pages(of:)` tells how many of them are in, and only `finish` and
    ///   `abandon` make sense.
    package mutating func append(cpu: Int, pages: RawSpan) throws(TraceDatError) {
        var failure: TraceDatError?
        pages.withUnsafeBytes { bytes in
            do throws(TraceDatError) { try append(cpu: cpu, bytes: bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// The same from memory described by a pointer.
    package mutating func append(cpu: Int, bytes: UnsafeRawBufferPointer) throws(TraceDatError) {
        guard streams.indices.contains(cpu), bytes.count.isMultiple(of: options.pageSize) else {
            throw TraceDatError(
                .misuse, path: file.path.string, "\(bytes.count) bytes of CPU \(cpu) are not sub-buffers of a known CPU"
            )
        }
        if compressor == nil {
            try appendPlain(cpu, bytes)
        } else {
            try appendCompressed(cpu, bytes)
        }
    }

    /// Moves whole sub-buffers from `source`, a `trace_pipe_raw`, to the file without copying them through memory.
    ///
    /// Does not wait: the kernel gives only sub-buffers that are full, so read the last ones and append them. Not for a
    /// file that is compressed as it comes.
    /// - Parameter limit: the most sub-buffers to move.
    /// - Returns: the number of sub-buffers moved; 0 when there is none to move now.
    /// - Throws: `TraceDatError`, `noSpace` as `append` does; a failure of `source` as `system`.
    package mutating func splice(cpu: Int, from source: FileDescriptor, limit: Int) throws(TraceDatError) -> Int {
        guard streams.indices.contains(cpu), limit > 0, compressor == nil else {
            throw TraceDatError(.misuse, path: file.path.string, "\(limit) sub-buffers of CPU \(cpu) cannot be moved")
        }
        if pipe == nil { pipe = try SplicePipe(for: file, pageSize: options.pageSize) }
        let position = Int(streams[cpu].count % table.size)
        let room = try roomFor(cpu, min(limit, Int(table.size) / options.pageSize) * options.pageSize)
        let count = min(limit * options.pageSize, room, Int(table.size) - position)
        let target = offset(of: streams[cpu].count, cpu)
        let moved = try pipe?.move(from: source.rawValue, to: file, at: target, count: count) ?? 0
        guard moved.isMultiple(of: options.pageSize) else {
            throw TraceDatError(
                .misuse, path: file.path.string, "the source gave \(moved) bytes, which are no whole sub-buffers")
        }
        advance(cpu, by: moved)
        return moved / options.pageSize
    }

    /// Gives up: removes the file.
    package consuming func abandon() {
        file.opened.remove()
    }
}
