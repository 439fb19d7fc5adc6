import CZstd
import RingBuffer
import SystemPackage
import Testing

@testable import TraceDat

@Suite("A small file does not pass for a large one")
struct HostileSizeTests {
    private func version6(cpus: [(offset: UInt64, size: UInt64)], pageSize: UInt32 = 4096) -> Forger {
        var forger = Forger()
        forger.startVersion6(pageSize: pageSize)
        forger.put(UInt32(cpus.count))
        forger.put(string: "options  ")
        forger.put(UInt16(0))
        forger.put(string: "flyrecord")
        for cpu in cpus {
            forger.put(cpu.offset)
            forger.put(cpu.size)
        }
        return forger
    }

    @Test("CPUs that share their data are told once")
    func overlaps() throws {
        let folder = try Folder()
        var forger = version6(cpus: [(4096, 8192), (8192, 4096), (12288, 4096), (4096, 8192)])
        forger.pad(to: 4096)
        for byte in 1...3 as ClosedRange<UInt8> { forger.put(raw: [UInt8](repeating: byte, count: 4096)) }
        let opened = try forger.open(in: folder)
        #expect(opened.pages.first?.mapValues(\.count) == [0: 8192, 2: 4096])
        #expect(opened.damage.map(\.problem).count { $0.contains("overlap those of another") } == 2)
    }

    @Test("Thousands of CPUs with large sub-buffers are refused before memory is asked for")
    func streams() throws {
        let folder = try Folder()
        let size: UInt64 = 1 << 20
        var cpus: [(offset: UInt64, size: UInt64)] = []
        for cpu in 0..<3000 as Range<UInt64> { cpus.append(((1 << 20) + cpu * size, size)) }
        let forger = version6(cpus: cpus, pageSize: 1 << 20)
        let path = folder.file("forged.dat")
        try write(forger.bytes, to: path)
        // A hole is enough to have the size.
        let file = try FileDescriptor.open(FilePath(path), .writeOnly)
        _ = try file.seek(offset: 3100 << 20, from: .start)
        _ = try file.writeAll([0])
        try file.close()
        do throws(TraceDatError) {
            _ = try TraceFile(path: FilePath(path))
            Issue.record("it was opened")
        } catch {
            #expect(error.kind == .unsupported && error.problem.contains("3000 CPUs"), "\(error)")
        }
    }

    @Test("Chunks that become a thousand times their size are not kept for every CPU")
    func caches() throws {
        let folder = try Folder()
        let plain = 16 << 20
        let chunk = zstd([UInt8](repeating: 0, count: plain))
        #expect(chunk.count < 4096)
        var forger = Forger()
        forger.startVersion7("zstd")
        let count = 12
        let start = 2048
        var option = forger.number(UInt64(start - 16)) + Array("\0mono\0".utf8)
        option += forger.number(UInt32(4096)) + forger.number(UInt32(count))
        for cpu in 0..<count {
            option += forger.number(UInt32(cpu)) + forger.number(UInt64(start + cpu * 4096))
            option += forger.number(UInt64(12 + chunk.count))
        }
        forger.put(option: OptionID.buffer, option)
        forger.endOptions()
        forger.pad(to: start - 16)
        forger.put(UInt16(3))
        forger.put(UInt16(1))
        forger.put(UInt32.max)
        forger.put(UInt64(count * 4096))
        for _ in 0..<count {
            let next = forger.bytes.count + 4096
            forger.put(UInt32(1))
            forger.put(UInt32(chunk.count))
            forger.put(UInt32(plain))
            forger.put(raw: chunk)
            forger.pad(to: next)
        }
        let path = folder.file("forged.dat")
        try write(forger.bytes, to: path)
        var file = try TraceFile(path: FilePath(path))
        #expect(file.damage == [] && file.buffers.first?.cpus.count == count)
        var page = [UInt8](repeating: 1, count: 4096)
        // All in turn, twice: what was dropped comes again.
        for number in 0..<2 {
            for cpu in 0..<count {
                let read = try page.withUnsafeMutableBytes { try file.read(buffer: 0, cpu: cpu, at: number, into: $0) }
                #expect(read == 1 && page.allSatisfy { $0 == 0 })
                page[7] = 1
                #expect(file.keptBytes <= 64 << 20 && file.keptBytes >= plain)
            }
        }
    }

    private func zstd(_ bytes: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let size = result.withUnsafeMutableBytes { target in
            bytes.withUnsafeBytes { ZSTD_compress(target.baseAddress, target.count, $0.baseAddress, $0.count, 3) }
        }
        return Array(result[..<size])
    }
}
