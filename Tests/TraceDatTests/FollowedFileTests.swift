import SystemPackage
import Testing

@testable import TraceDat

/// A recording that is read while it is written.
@Suite struct FollowedFileTests {
    private let notes = Array("sockftrace notes 1\nbegin 12\n".utf8)

    /// A writer that has begun, as a recorder does.
    private func writer(
        _ recorded: RecordedPages, _ path: String, _ version: TraceDatWriter.Options.Version = .seven
    ) throws -> TraceDatWriter {
        var writer = try TraceDatWriter(path: FilePath(path), options: recorded.options(version))
        _ = try writer.note(extension: notes)
        writer.publish(horizon: 0)
        return writer
    }

    private func follow(_ path: String) throws -> FollowedFile {
        switch try FollowedFile.open(FilePath(path), while: { false }) {
        case .growing(_, let file): return file
        case .still: throw Problem("nobody writes it")
        case .none: throw Problem("it has not begun")
        }
    }

    private struct Problem: Error {
        init(_ text: String) { self.text = text }
        let text: String
    }

    /// All sub-buffers of a CPU that are there from one on.
    private func rest(_ file: borrowing FollowedFile, cpu: Int, from start: Int) throws -> [UInt8]? {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 3 * file.pageSize, alignment: 16)
        defer { room.deallocate() }
        var (bytes, page): ([UInt8], Int) = ([], start)
        while true {
            guard let count = try file.read(cpu: cpu, at: page, into: room) else { return nil }
            if count == 0 { return bytes }
            bytes += room[..<(count * file.pageSize)]
            page += count
        }
    }

    @Test(arguments: TraceDatWriter.Options.Version.allCases)
    func itShowsWhatWasPublishedAndNothingElse(version: TraceDatWriter.Options.Version) throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        var writer = try writer(recorded, path, version)
        let before = writer.isFollowed
        var file = try follow(path)
        let after = writer.isFollowed
        #expect(!before && after)
        #expect(try file.look() == .upTo(0))
        let size = file.pageSize
        let cpus = recorded.pages.keys.sorted()
        var published: [Int: [UInt8]] = [:]
        for (round, page) in (0..<40).enumerated() {
            for cpu in cpus {
                let all = recorded.pages[cpu] ?? []
                let start = page * size % all.count
                let bytes = Array(all[start..<(start + size)])
                try bytes.withUnsafeBytes { try writer.append(cpu: cpu, bytes: $0) }
                published[cpu, default: []] += bytes
            }
            // Not said yet: not looked at.
            let known = try file.look()
            #expect(known == .upTo(UInt64(round)))
            for cpu in cpus { #expect(try rest(file, cpu: cpu, from: page) == []) }
            writer.publish(horizon: UInt64(round + 1))
            #expect(try file.look() == .upTo(UInt64(round + 1)))
            for cpu in cpus {
                #expect(try rest(file, cpu: cpu, from: page) == Array(published[cpu]?.suffix(size) ?? []))
            }
        }
        for cpu in cpus { #expect(try rest(file, cpu: cpu, from: 0) == published[cpu]) }
        writer.publish(horizon: .max, hasEnded: true)
        #expect(try file.look() == .ended)
        _ = try writer.finish(extension: notes)
        #expect(try file.look() == .over)
        // The data were moved: they are read of the finished file, where they are the same.
        #expect(try rest(file, cpu: cpus[0], from: 0) == nil)
        var finished = try file.contents()
        for (index, cpu) in cpus.enumerated() {
            let expected = published[cpu] ?? []
            var bytes = [UInt8](repeating: 0, count: expected.count)
            let read = try bytes.withUnsafeMutableBytes {
                try finished.read(buffer: 0, cpu: index, at: 0, into: $0)
            }
            #expect(read * size == expected.count && bytes == expected)
        }
    }

    @Test func whatIsCompressedIsReadToItsEndUnderTheNameThatItLost() throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        var writer = try writer(recorded, path)
        for (cpu, bytes) in recorded.pages {
            try bytes.withUnsafeBytes { try writer.append(cpu: cpu, bytes: $0) }
        }
        var file = try follow(path)
        writer.publish(horizon: .max, hasEnded: true)
        _ = try writer.finish(extension: notes, compressing: .zstd)
        #expect(try file.look() == .ended)
        for (cpu, bytes) in recorded.pages { #expect(try rest(file, cpu: cpu, from: 0) == Array(bytes)) }
        #expect(try file.contents().extensionData == notes)
        // Who comes now finds a file that nobody writes.
        switch try FollowedFile.open(FilePath(path), while: { false }) {
        case .still(let found): #expect(found.damage.isEmpty)
        default: Issue.record("it is not finished")
        }
    }

    @Test func whereTheRecorderDiedTheFileIsWhatItIs() throws {
        let folder = try Folder()
        let recorded = try RecordedPages()
        let path = folder.file("trace.dat")
        let cpu = try #require(recorded.pages.keys.min())
        var file: FollowedFile
        do {
            var writer = try writer(recorded, path)
            let bytes = try #require(recorded.pages[cpu])
            try bytes.withUnsafeBytes { try writer.append(cpu: cpu, bytes: $0) }
            file = try follow(path)
            // Goes away without an end, as it does where it is killed.
        }
        #expect(try file.look() == .over)
        let left = try file.contents()
        #expect(left.damage.contains { $0.problem.contains("was not finished") })
        #expect(left.buffers.first?.cpus.first?.size == UInt64(recorded.pages[cpu]?.count ?? 0))
    }

    @Test func whatIsHalfWrittenOrStrangeIsNotTaken() throws {
        let progress = Progress(sequence: 7, phase: .recording, horizon: 12, pages: [3, 4, 5])
        let bytes = progress.encoded
        #expect(bytes.count == Progress.size(cpuCount: 3))
        #expect(Progress(decoding: bytes[...]) == progress)
        for index in bytes.indices {
            var torn = bytes
            torn[index] ^= 0x10
            #expect(Progress(decoding: torn[...]) == nil, "byte \(index)")
        }
        #expect(Progress(decoding: [UInt8](repeating: 0, count: bytes.count)[...]) == nil)
        let folder = try Folder()
        try write([], to: folder.file("empty"))
        for path in [folder.file("empty"), folder.path] {
            #expect(throws: TraceDatError.self) { _ = try FollowedFile.open(FilePath(path), while: { false }) }
        }
    }
}
