import SystemPackage
import Testing

@testable import TraceDat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A folder of a test's own, removed at its end.
final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/tracedat-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        path = String(cString: made)
    }

    deinit {
        _ = runProgram(["/bin/rm", "-rf", path])
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var result: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { result.append(name) }
        }
        return result.sorted()
    }
}

func contents(of path: String) throws -> [UInt8] {
    let descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
    defer { try? descriptor.close() }
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
        if count == 0 { return result }
        result.append(contentsOf: buffer[..<count])
    }
}

func write(_ bytes: some Collection<UInt8>, to path: String) throws {
    let descriptor = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    defer { try? descriptor.close() }
    _ = try descriptor.writeAll(Array(bytes))
}

/// Runs a program to its end; what it wrote to standard output and standard error, and how it ended.
func runProgram(_ arguments: [String]) -> (status: Int32, output: String, errors: String) {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    var names: [String] = []
    for descriptor: Int32 in [1, 2] {
        var template = Array("/tmp/tracedat-out-XXXXXX".utf8CString)
        let made = mkstemp(&template)
        close(made)
        let name = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        names.append(name)
        posix_spawn_file_actions_addopen(&files, descriptor, name, O_WRONLY | O_TRUNC, 0o600)
    }
    defer { for name in names { unlink(name) } }
    var process: pid_t = 0
    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for argument in argv { free(argument) } }
    var environment: [UnsafeMutablePointer<CChar>?] = [
        strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), strdup("LC_ALL=C"), nil,
    ]
    defer { for variable in environment { free(variable) } }
    guard posix_spawnp(&process, arguments[0], &files, nil, &argv, &environment) == 0 else { return (-1, "", "") }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let texts = names.map { String(decoding: (try? contents(of: $0)) ?? [], as: UTF8.self) }
    return (status, texts[0], texts[1])
}

/// The outside judge. Tests that need it are recorded as skipped where it is not installed.
enum TraceCmd {
    static let isInstalled: Bool = {
        let found = runProgram(["trace-cmd", "--version"]).status >= 0
        if !found { print("trace-cmd is not installed: the tests that compare with it are skipped") }
        return found
    }()

    /// The lines of records that `trace-cmd report` prints, and everything that it prints besides.
    static func report(_ path: String) -> (records: [String], complaints: [String], status: Int32) {
        let result = runProgram(["trace-cmd", "report", path])
        let lines = result.output.split(separator: "\n").map(String.init)
        let records = lines.filter {
            $0.contains("sock_send_length:") || $0.contains("sock_recv_length:") || $0.contains("inet_sock_set_state:")
        }
        let known = Set(records)
        let other = lines.filter { !known.contains($0) && !$0.hasPrefix("cpus=") && !$0.hasSuffix(" is empty") }
        let errors = result.errors.split(separator: "\n").map(String.init)
        return (records, other + errors, result.status)
    }
}

/// Sub-buffers, formats and header texts read from a real kernel; see `fixtures/trace-dat/README.md`.
struct RecordedPages {
    var pageSize = 4096
    var pages: [Int: [UInt8]] = [:]
    var headerPage: [UInt8] = []
    var headerEvent: [UInt8] = []
    var formats: [TraceFile.EventFormatText] = []
    var commandLines: [TraceFile.CommandLine] = []
    var cpuStatistics: [String] = []

    /// What the kernel counted: the sum of "read events" in the statistics.
    static let records = 807

    static var fixtures: String {
        var path = FilePath(#filePath)
        for _ in 0..<3 { path.removeLastComponent() }
        return path.string + "/fixtures/trace-dat"
    }

    init() throws {
        let folder = Self.fixtures + "/pages-6.18-x86_64"
        for cpu in 0...1 {
            pages[cpu] = try contents(of: "\(folder)/cpu\(cpu).pages")
            cpuStatistics.append(
                "CPU: \(cpu)\n" + String(decoding: try contents(of: "\(folder)/stats\(cpu)"), as: UTF8.self))
        }
        headerPage = try contents(of: folder + "/header_page")
        headerEvent = try contents(of: folder + "/header_event")
        for name in ["sock_send_length", "sock_recv_length", "inet_sock_set_state"] {
            formats.append(.init(system: "sock", text: try contents(of: "\(folder)/sock__\(name).format")))
        }
        commandLines = TraceFile.CommandLine.parse(try contents(of: folder + "/saved_cmdlines"))
    }

    func options(
        _ version: TraceDatWriter.Options.Version, _ compression: Compression = .none, cpuCount: Int = 4
    ) -> TraceDatWriter.Options {
        var options = TraceDatWriter.Options(
            pageSize: pageSize, cpuCount: cpuCount, headerPage: headerPage, headerEvent: headerEvent,
            formats: formats, clock: "mono")
        options.version = version
        options.compression = compression
        options.uname = "Linux board 6.18.44 x86_64"
        options.recorderVersion = "sockftrace test"
        return options
    }

    /// Writes a whole file, the CPUs' pages in turn, `repeats` times over.
    @discardableResult
    func write(
        to path: String, _ version: TraceDatWriter.Options.Version, _ compression: Compression = .none,
        repeats: Int = 1, extension extensionData: [UInt8]? = nil
    ) throws -> TraceDatWriter.Summary {
        var writer = try TraceDatWriter(path: FilePath(path), options: options(version, compression))
        for _ in 0..<repeats {
            for start in stride(from: 0, to: pages.values.map(\.count).max() ?? 0, by: pageSize) {
                for (cpu, bytes) in pages.sorted(by: { $0.key < $1.key }) where start < bytes.count {
                    try writer.append(cpu: cpu, pages: bytes.span.bytes.extracting(start..<(start + pageSize)))
                }
            }
        }
        return try writer.finish(cmdlines: commandLines, cpuStats: cpuStatistics, extension: extensionData)
    }
}

/// All pages of all CPUs with data of one buffer, read `step` at a time.
func allPages(of file: inout TraceFile, buffer: Int = 0, step: Int = 3) throws -> [Int: [UInt8]] {
    var result: [Int: [UInt8]] = [:]
    guard file.buffers.indices.contains(buffer) else { return [:] }
    let list = file.buffers[buffer]
    var room = [UInt8](repeating: 0, count: step * list.pageSize)
    for index in list.cpus.indices {
        var page = 0
        while true {
            var count = 0
            try room.withUnsafeMutableBytes { target in
                count = try file.read(buffer: buffer, cpu: index, at: page, into: target)
            }
            if count == 0 { break }
            result[list.cpus[index].cpu, default: []].append(contentsOf: room[..<(count * list.pageSize)])
            page += count
        }
    }
    return result
}

extension [UInt8] {
    /// These bytes `count` times.
    func repeated(_ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(self.count * count)
        for _ in 0..<count { result.append(contentsOf: self) }
        return result
    }
}

enum Processes {
    /// Makes a child in which only the writer is used, and `_exit`: most of Swift's runtime is unsafe there.
    static func fork() -> pid_t { forkProcess() }

    /// Finishes a file in a process of its own, which is killed on the way.
    /// - Parameter delay: microseconds until then.
    static func finish(_ writer: consuming TraceDatWriter, compressing: Compression? = nil, killedAfter delay: UInt32) {
        let child = fork()
        if child == 0 {
            if let compressing { _ = try? writer.finish(compressing: compressing) } else { _ = try? writer.finish() }
            _exit(0)
        }
        usleep(delay)
        kill(child, SIGKILL)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
    }
}

/// fork(2), which Swift hides.
@_silgen_name("fork") private func forkProcess() -> pid_t
