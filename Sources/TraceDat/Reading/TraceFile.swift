internal import LinuxSystem
package import RingBuffer
package import SystemPackage

/// A trace.dat opened for reading: who recorded it, on what, and the raw sub-buffers of every CPU.
///
/// Reads versions 6 and 7 of trace-cmd's format, plain, zstd and zlib, of either byte order, and what the shell recorder
/// packs (``TarArchive``). Opening reads the
/// metadata only; pages are read on demand, so memory does not grow with the file. A file cut short opens as far as
/// it goes, and `damage` says what is missing.
///
/// Format: trace-cmd's `Documentation/trace-cmd/trace-cmd.dat.v6.5.txt` and `trace-cmd.dat.v7.5.txt`.
package struct TraceFile: ~Copyable, Sendable {
    let file: FileReader
    private let contents: FileContents
    private var sources: [[CPUPages]]
    private var reading: PageReadContext
    /// Which CPUs keep a decompressed chunk, the oldest first, and how many bytes these have together.
    private var caches: [(buffer: Int, cpu: Int)] = []
    private var cachedBytes = 0
    var keptBytes: Int { cachedBytes }

    /// The most bytes of decompressed chunks that all CPUs keep: 40 KiB each for 1600 CPUs, as trace-cmd makes chunks.
    private static let cacheLimit = 64 << 20

    /// Opens `path`.
    /// - Throws: `TraceDatError` when it cannot be opened or read, is no trace.dat, or is cut short or damaged
    ///   before its first record.
    package init(path: FilePath) throws(TraceDatError) {
        try self.init(FileReader(path: path))
    }

    /// Reads an open file, such as standard input; `descriptor` stays the caller's. A pipe is copied to an unnamed
    /// temporary file first, because the format is read back and forth.
    /// - Parameter name: what messages call the file.
    package init(descriptor: FileDescriptor, name: String) throws(TraceDatError) {
        try self.init(FileReader(owning: FileReader.duplicate(descriptor, name), name: name))
    }

    init(_ file: FileReader) throws(TraceDatError) {
        self.file = file
        var found = try FileContents.read(file)
        found.dropOverlaps()
        try found.checkStreams(file)
        contents = found
        let compression = contents.header.compression
        sources = contents.buffers.map { buffer in
            buffer.cpus.map { CPUPages($0, pageSize: buffer.pageSize) }
        }
        reading = PageReadContext(file, compression: compression, byteOrder: contents.header.byteOrder)
        reading.damage = contents.damage
    }

    /// Where the file grows, if anybody still writes it.
    var growth: Journal? { contents.growth }
    /// CPUs of the recorded machine, as far as the file says: numbers below this.
    package var cpuCount: Int? { contents.cpuCount }
    /// Version, byte order, sizes.
    package var header: Header { contents.header }
    /// The text of `events/header_page`: where the fields of a sub-buffer's header lie, and the kernel's long size.
    package var headerPage: [UInt8] { contents.headerPage }
    /// The text of `events/header_event`.
    package var headerEvent: [UInt8] { contents.headerEvent }
    /// The format files of all events in the order of the file, the ftrace system's own first.
    package var formats: [EventFormatText] { contents.formats }
    /// The buffers; the top one has the name "" and is first where there is one.
    package var buffers: [Buffer] { contents.buffers }
    /// How raw timestamps become nanoseconds.
    package var timeAdjustment: TimeAdjustment { contents.time }
    /// The clock of the top buffer, such as "mono"; "local" when the file does not say.
    package var clock: String { contents.buffers.first?.clock ?? contents.clock ?? "local" }
    /// System, host name, release, version and machine as uname(1) prints them.
    package var uname: String? { contents.uname }
    /// The version of the recorder.
    package var version: String? { contents.version }
    /// The text of each `per_cpu/cpuN/stats`, as recorded.
    package var cpuStats: [String] { contents.cpuStats }
    /// What sockftrace's recorder put in for itself; opaque here. Nil in files of other recorders.
    package var extensionData: [UInt8]? { contents.extensionData }
    /// What is missing or broken, in the order it was found; reading pages may add to it. Empty for a whole file.
    package var damage: [Damage] { reading.damage }

    /// The saved command lines: which thread had which name. Parsed on each call.
    package var commandLines: [CommandLine] { CommandLine.parse(contents.commandLines) }

    /// Bytes of the CPUs' data in the file, and how many of them were read, for showing progress.
    package var progress: (done: UInt64, total: UInt64) {
        var (done, total): (UInt64, UInt64) = (0, 0)
        for buffer in sources.indices {
            for cpu in sources[buffer].indices {
                let size = contents.buffers[buffer].cpus[cpu].size
                total &+= size
                done &+= min(sources[buffer][cpu].passed, size)
            }
        }
        return (done, total)
    }

    /// Reads whole sub-buffers of one CPU.
    ///
    /// - Parameters:
    ///   - buffer: index in `buffers`.
    ///   - cpu: index in the `cpus` of that buffer (not the CPU's number).
    ///   - page: the first sub-buffer wanted, counted from 0.
    ///   - target: room for one or more sub-buffers of the buffer's `pageSize`.
    /// - Returns: the number of sub-buffers read, at least 1 except at the end of the CPU's data, where it is 0. Data
    ///   that cannot be read because the file is cut short or damaged counts as the end; `damage` then tells it.
    /// - Throws: `TraceDatError` when the system refuses to read, or for an index that is not there.
    /// - Complexity: O(1) system calls going forward; going back in compressed data rereads chunk headers.
    package mutating func read(
        buffer: Int, cpu: Int, at page: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(TraceDatError) -> Int {
        guard sources.indices.contains(buffer), sources[buffer].indices.contains(cpu), page >= 0 else {
            throw TraceDatError(.misuse, path: file.path, "there is no page \(page) of CPU \(cpu) in buffer \(buffer)")
        }
        let pageSize = sources[buffer][cpu].pageSize
        guard target.count >= pageSize else {
            throw TraceDatError(.misuse, path: file.path, "room for \(target.count) bytes, a page has \(pageSize)")
        }
        let whole = UnsafeMutableRawBufferPointer(rebasing: target[..<(target.count / pageSize * pageSize)])
        let before = sources[buffer][cpu].cachedBytes
        let count = try sources[buffer][cpu].read(page, into: whole, &reading)
        let after = sources[buffer][cpu].cachedBytes
        if after != before { keep(after - before, of: buffer, cpu, isNew: before == 0) }
        return count
    }

    /// Makes room for what a CPU keeps from now on.
    private mutating func keep(_ more: Int, of buffer: Int, _ cpu: Int, isNew: Bool) {
        cachedBytes += more
        if isNew { caches.append((buffer, cpu)) }
        while cachedBytes > Self.cacheLimit, let oldest = caches.firstIndex(where: { $0 != (buffer, cpu) }) {
            let (buffer, cpu) = caches.remove(at: oldest)
            cachedBytes -= sources[buffer][cpu].cachedBytes
            sources[buffer][cpu].dropCache()
        }
    }
}

extension TraceFile {
    /// The fixed fields at the start of a file.
    package struct Header: Sendable, Equatable {
        /// The version of the file format: 6 or 7; 0 of an archive of the shell recorder.
        package internal(set) var version: Int
        /// The byte order of the recorded machine; the file's numbers have it too.
        package internal(set) var byteOrder: ByteOrder
        /// Bytes in a `long` of the recorder (user space; the kernel's is in `headerPage`): 4 or 8.
        package internal(set) var longSize: Int
        /// Bytes in a sub-buffer of the top buffer.
        package internal(set) var pageSize: Int
        /// How version 7 files are compressed; always `.none` in version 6.
        package internal(set) var compression: Compression
    }

    /// One ring buffer: the top one or an instance.
    package struct Buffer: Sendable, Equatable {
        /// The instance's name; "" for the top buffer.
        package internal(set) var name: String
        /// The trace clock, such as "mono".
        package internal(set) var clock: String
        /// Bytes in one of its sub-buffers.
        package internal(set) var pageSize: Int
        /// The CPUs that have data, and, in version 6, those that have none.
        package internal(set) var cpus: [CPUData]
    }

    /// Where the sub-buffers of one CPU are.
    package struct CPUData: Sendable, Equatable {
        /// The CPU's number.
        package internal(set) var cpu: Int
        /// Where its data begins in the file.
        package var offset: UInt64 { extents.first?.offset ?? 0 }
        /// Bytes it takes in the file: whole sub-buffers, or compressed chunks.
        package var size: UInt64 { extents.reduce(0) { $0 + $1.count } }
        /// True when `size` is of compressed data.
        package internal(set) var isCompressed: Bool
        var extents: [FileRange]
    }

    /// The text of one event's format file.
    package struct EventFormatText: Sendable, Equatable {
        /// The system, such as "sock"; "ftrace" for the tracer's own records.
        package internal(set) var system: String
        /// The text of `events/SYSTEM/EVENT/format`.
        package internal(set) var text: [UInt8]

        /// The text `text` of system `system`.
        package init(system: String, text: [UInt8]) {
            self.system = system
            self.text = text
        }
    }

    /// The name that a thread had when the recording ended.
    package struct CommandLine: Sendable, Equatable {
        /// The thread.
        package internal(set) var tid: Int32
        /// Its name, of at most 15 bytes on Linux. Bytes of foreign origin: escape before printing.
        package internal(set) var name: [UInt8]

        /// Thread `tid` is called `name`.
        package init(tid: Int32, name: [UInt8]) {
            self.tid = tid
            self.name = name
        }

        /// As many threads as a large machine has.
        static let limit = 1 << 18

        static func parse(_ text: [UInt8]) -> [CommandLine] {
            var result: [CommandLine] = []
            for line in text.split(separator: UInt8(ascii: "\n")) where result.count < limit {
                let line = line.drop { $0 == UInt8(ascii: " ") }
                guard let space = line.firstIndex(of: UInt8(ascii: " ")), space > line.startIndex else { continue }
                let number = String(decoding: line[..<space], as: UTF8.self)
                guard let tid = Int32(number) else { continue }
                let name = line[(space + 1)...].prefix { $0 != 0 }
                result.append(CommandLine(tid: tid, name: Array(name)))
            }
            return result
        }
    }

    /// Something missing or broken in a file that is readable otherwise.
    package struct Damage: Sendable, Equatable, CustomStringConvertible {
        /// The byte of the file where the sound part ends.
        package internal(set) var offset: UInt64
        /// What is missing.
        package internal(set) var problem: String

        /// One line: what, and at which byte.
        package var description: String { "\(problem) (at byte \(offset))" }

        init(offset: UInt64, _ problem: String) {
            self.offset = offset
            self.problem = problem
        }

        init(_ error: TraceDatError) {
            self.init(offset: error.offset ?? 0, error.problem)
        }
    }
}
