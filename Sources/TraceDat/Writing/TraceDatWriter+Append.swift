internal import LinuxSystem
internal import SystemPackage

// Where the bytes of a CPU go: into its last extent, and into a new one when that is full.
extension TraceDatWriter {
    /// The byte of the file at which byte `position` of a CPU's data stands or will stand.
    func offset(of position: UInt64, _ cpu: Int) -> UInt64 {
        let extents = streams[cpu].extents
        let index = Int(position / table.size)
        guard index < extents.count else { return table.start }
        return table.offset(of: extents[index]) + position % table.size
    }

    /// Sees to it that `count` more bytes of a CPU have a place with blocks allocated, as far as the disk allows.
    /// Returns the bytes that do have one, in whole sub-buffers; throws when that is none.
    mutating func roomFor(_ cpu: Int, _ count: Int) throws(TraceDatError) -> Int {
        let page = UInt64(options.pageSize)
        while UInt64(streams[cpu].extents.count) * table.size < streams[cpu].count + UInt64(count) {
            let extent = table.owners.count
            do throws(TraceDatError) {
                try file.allocate(at: table.offset(of: extent), count: Int(table.size))
                try table.setOwner(.init(cpu: cpu, place: streams[cpu].extents.count), of: extent, in: file)
                streams[cpu].extents.append(extent)
            } catch {
                if error.kind == .noSpace { isFull = true }
                let room = UInt64(streams[cpu].extents.count) * table.size - streams[cpu].count
                if room < page { throw error }
                return min(count, Int(room / page * page))
            }
        }
        return count
    }

    /// Notes that so many bytes, whole sub-buffers, were written at the end of a CPU's data.
    mutating func advance(_ cpu: Int, by count: Int) {
        streams[cpu].count += UInt64(count)
        streams[cpu].pages += count / options.pageSize
    }

    mutating func appendPlain(_ cpu: Int, _ bytes: UnsafeRawBufferPointer) throws(TraceDatError) {
        var done = 0
        while done < bytes.count {
            let room = try roomFor(cpu, bytes.count - done)
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done..<(done + room)])
            let (written, failure) = write(rest, to: cpu)
            let whole = written / options.pageSize * options.pageSize
            advance(cpu, by: whole)
            done += whole
            if let failure { throw failure }
        }
    }

    /// Writes bytes at the end of a CPU's data, where room was made; does not advance.
    private mutating func write(
        _ bytes: UnsafeRawBufferPointer, to cpu: Int
    ) -> (written: Int, failure: TraceDatError?) {
        var done = 0
        while done < bytes.count {
            let position = streams[cpu].count + UInt64(done)
            let length = min(bytes.count - done, Int(table.size - position % table.size))
            let part = UnsafeRawBufferPointer(rebasing: bytes[done..<(done + length)])
            let place = offset(of: position, cpu)
            let (written, error) = file.opened.file.writeFully(at: place, from: part)
            done += written
            if let error {
                let failure = file.failure(error, at: place, "cannot write the data of CPU \(cpu)")
                if failure.kind == .noSpace { isFull = true }
                return (done, failure)
            }
        }
        return (done, nil)
    }

    /// Collects sub-buffers until a chunk is full. The room for a chunk is made before its first sub-buffer is taken.
    mutating func appendCompressed(_ cpu: Int, _ bytes: UnsafeRawBufferPointer) throws(TraceDatError) {
        let chunk = Self.chunkPages * options.pageSize
        var done = 0
        while done < bytes.count {
            if streams[cpu].pending.isEmpty {
                let bound = 4 + 8 + Compressor.bound(chunk)
                let room = try roomFor(cpu, bound.aligned(toPage: options.pageSize))
                guard room >= bound else {
                    throw file.failure(.noSpace, "cannot reserve room for compressed data of CPU \(cpu)")
                }
                streams[cpu].pending.reserveCapacity(chunk)
            }
            let length = min(bytes.count - done, chunk - streams[cpu].pending.count)
            streams[cpu].pending.append(contentsOf: bytes[done..<(done + length)])
            streams[cpu].pages += length / options.pageSize
            done += length
            if streams[cpu].pending.count == chunk { try flushChunk(cpu) }
        }
    }

    /// Compresses and writes what waits.
    mutating func flushChunk(_ cpu: Int) throws(TraceDatError) {
        guard !streams[cpu].pending.isEmpty else { return }
        if streams[cpu].count == 0 {
            let start = [UInt8](repeating: 0, count: 4)
            let failure = start.withUnsafeBytes { write($0, to: cpu).failure }
            if let failure { throw failure }
            streams[cpu].count = 4
        }
        let plain = streams[cpu].pending
        var out = [UInt8](repeating: 0, count: 8 + Compressor.bound(plain.count))
        let stored = out.withUnsafeMutableBytes { target in
            plain.withUnsafeBytes { source in
                compressor?.compress(source, into: UnsafeMutableRawBufferPointer(rebasing: target[8...]))
            } ?? nil
        }
        guard let stored else {
            throw TraceDatError(
                .system(.noMemory), path: file.path.string, "the data of CPU \(cpu) cannot be compressed")
        }
        out.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: UInt32(stored), toByteOffset: 0, as: UInt32.self)
            bytes.storeBytes(of: UInt32(plain.count), toByteOffset: 4, as: UInt32.self)
        }
        let failure = out.withUnsafeBytes {
            write(UnsafeRawBufferPointer(rebasing: $0[..<(8 + stored)]), to: cpu).failure
        }
        if let failure { throw failure }
        streams[cpu].count += UInt64(8 + stored)
        streams[cpu].chunks += 1
        streams[cpu].pending.removeAll(keepingCapacity: true)
    }
}

extension Int {
    fileprivate func aligned(toPage size: Int) -> Int { (self + size - 1) / size * size }
}
