internal import RingBuffer

/// Walks the compressed chunks of one CPU: `{u32 chunks, chunks × {u32 compressed, u32 plain, bytes}}`.
///
/// Keeps the last chunk decompressed, and the places of at most `checkpointLimit` chunks, so that memory does not
/// grow with the file and going back does not start from the front.
struct ChunkCursor: Sendable {
    /// The most plain bytes of one chunk; trace-cmd makes chunks of ten sub-buffers.
    static let chunkLimit = 32 << 20
    private static let checkpointLimit = 2048

    private struct Place {
        var position: UInt64
        var page: Int
        var index: Int
    }

    private struct Chunk {
        var place: Place
        var storedSize: Int
        var pages: Int
    }

    private var chunkCount: Int?
    private var next: Place?
    private var checkpoints: [Place] = []
    private var stride = 1
    /// Pages from here on are missing or damaged.
    private var brokenAt: Int?
    private var cached: [UInt8] = []
    private var cachedFirst = 0
    private var cachedPages = 0

    /// Bytes of the run before the chunk that is looked at next.
    var passed: UInt64 { next?.position ?? 0 }

    /// Bytes of the chunk that is kept.
    var cachedBytes: Int { cached.count }

    /// Forgets the chunk that is kept.
    mutating func dropCache() {
        cached = []
        cachedPages = 0
    }

    mutating func read(
        _ page: Int, of extents: Extents, pageSize: Int, into target: UnsafeMutableRawBufferPointer,
        _ reading: inout PageReadContext
    ) throws(TraceDatError) -> Int {
        var done = 0
        let room = target.count / pageSize
        while done < room {
            let wanted = page + done
            if wanted >= cachedFirst, wanted < cachedFirst + cachedPages {
                let count = min(room - done, cachedFirst + cachedPages - wanted)
                cached.withUnsafeBytes { bytes in
                    let start = (wanted - cachedFirst) * pageSize
                    UnsafeMutableRawBufferPointer(rebasing: target[(done * pageSize)...])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count * pageSize)]))
                }
                done += count
                continue
            }
            guard let chunk = try find(wanted, in: extents, pageSize: pageSize, &reading) else { return done }
            if chunk.place.page == wanted, chunk.pages <= room - done {
                // A whole chunk is wanted: no detour over the cache.
                let start = done * pageSize
                let part = UnsafeMutableRawBufferPointer(rebasing: target[start..<(start + chunk.pages * pageSize)])
                guard try decompress(chunk, of: extents, into: part, &reading) else { return done }
                done += chunk.pages
            } else {
                guard try fillCache(chunk, of: extents, pageSize: pageSize, &reading) else { return done }
            }
        }
        return done
    }

    private mutating func fillCache(
        _ chunk: Chunk, of extents: Extents, pageSize: Int, _ reading: inout PageReadContext
    ) throws(TraceDatError) -> Bool {
        cachedPages = 0
        let size = chunk.pages * pageSize
        if cached.count < size { cached = [UInt8](repeating: 0, count: size) }
        var buffer: [UInt8] = []
        swap(&buffer, &cached)
        var result: Result<Bool, TraceDatError> = .success(false)
        buffer.withUnsafeMutableBytes { bytes in
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<size])
            do throws(TraceDatError) {
                result = .success(try decompress(chunk, of: extents, into: part, &reading))
            } catch { result = .failure(error) }
        }
        swap(&buffer, &cached)
        guard try result.get() else { return false }
        cachedFirst = chunk.place.page
        cachedPages = chunk.pages
        return true
    }

    private mutating func decompress(
        _ chunk: Chunk, of extents: Extents, into target: UnsafeMutableRawBufferPointer,
        _ reading: inout PageReadContext
    ) throws(TraceDatError) -> Bool {
        if reading.scratch.count < chunk.storedSize {
            reading.scratch = [UInt8](repeating: 0, count: max(chunk.storedSize, 1 << 16))
        }
        var scratch: [UInt8] = []
        swap(&scratch, &reading.scratch)
        var failure: TraceDatError?
        let isSound = scratch.withUnsafeMutableBytes { bytes in
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<chunk.storedSize])
            do throws(TraceDatError) {
                try extents.read(reading.file, at: chunk.place.position + 8, into: part)
            } catch {
                failure = error
                return false
            }
            return reading.decompressor.decompress(UnsafeRawBufferPointer(part), into: target)
        }
        swap(&scratch, &reading.scratch)
        if let failure { throw failure }
        if !isSound {
            breakOff(at: chunk.place, in: extents, "a compressed chunk of CPU data does not decompress", &reading)
        }
        return isSound
    }

    /// The chunk that holds `page`; nil at the end of the data.
    private mutating func find(
        _ page: Int, in extents: Extents, pageSize: Int, _ reading: inout PageReadContext
    ) throws(TraceDatError) -> Chunk? {
        if let brokenAt, page >= brokenAt { return nil }
        if next == nil { try start(extents, &reading) }
        guard var place = next, extents.count > 0 else { return nil }
        if place.page > page {
            place = checkpoints.last { $0.page <= page } ?? Place(position: 4, page: 0, index: 0)
        }
        while true {
            guard let chunk = try chunk(at: place, in: extents, pageSize: pageSize, &reading) else { return nil }
            let following = Place(
                position: place.position + 8 + UInt64(chunk.storedSize), page: place.page + chunk.pages,
                index: place.index + 1)
            remember(place)
            next = following
            if page < following.page { return chunk }
            place = following
        }
    }

    private mutating func start(_ extents: Extents, _ reading: inout PageReadContext) throws(TraceDatError) {
        let place = Place(position: 4, page: 0, index: 0)
        next = place
        guard extents.count > 0 else { return }
        guard extents.count >= 4 else {
            return breakOff(at: place, in: extents, "the count of a CPU's compressed chunks is cut off", &reading)
        }
        chunkCount = Int(try word(at: 0, of: extents, reading))
    }

    private mutating func chunk(
        at place: Place, in extents: Extents, pageSize: Int, _ reading: inout PageReadContext
    ) throws(TraceDatError) -> Chunk? {
        if let chunkCount, place.index >= chunkCount { return nil }
        let left = extents.count - min(place.position, extents.count)
        guard left >= 8 else {
            breakOff(at: place, in: extents, "a CPU's compressed chunks are cut off", &reading)
            return nil
        }
        let stored = try word(at: place.position, of: extents, reading)
        let plain = try word(at: place.position + 4, of: extents, reading)
        guard UInt64(stored) <= left - 8 else {
            breakOff(at: place, in: extents, "a CPU's last compressed chunk is cut off", &reading)
            return nil
        }
        guard stored > 0, plain > 0, plain <= UInt32(Self.chunkLimit), stored <= UInt32(Self.chunkLimit),
            Int(plain) % pageSize == 0
        else {
            breakOff(
                at: place, in: extents,
                "a compressed chunk claims \(stored) bytes for \(plain), which are not whole sub-buffers of \(pageSize)",
                &reading)
            return nil
        }
        return Chunk(place: place, storedSize: Int(stored), pages: Int(plain) / pageSize)
    }

    private func word(
        at position: UInt64, of extents: Extents, _ reading: borrowing PageReadContext
    ) throws(TraceDatError) -> UInt32 {
        var value: UInt32 = 0
        var failure: TraceDatError?
        withUnsafeMutableBytes(of: &value) { bytes in
            do throws(TraceDatError) {
                try extents.read(reading.file, at: position, into: bytes)
            } catch { failure = error }
        }
        if let failure { throw failure }
        return reading.byteOrder == .little ? UInt32(littleEndian: value) : UInt32(bigEndian: value)
    }

    private mutating func remember(_ place: Place) {
        if let last = checkpoints.last, place.index < last.index + stride { return }
        if checkpoints.count == Self.checkpointLimit {
            checkpoints = checkpoints.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
            stride *= 2
        }
        checkpoints.append(place)
    }

    private mutating func breakOff(
        at place: Place, in extents: Extents, _ problem: String, _ reading: inout PageReadContext
    ) {
        brokenAt = min(brokenAt ?? .max, place.page)
        reading.damage.append(TraceFile.Damage(offset: extents.fileOffset(place.position), problem))
    }
}
