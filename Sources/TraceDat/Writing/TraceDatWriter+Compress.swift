internal import LinuxSystem
internal import SystemPackage

// Compressing at the end: recording then costs no more than moving pages, as it does with trace-cmd.
extension TraceDatWriter {
    /// Why a recording stays uncompressed.
    struct Refusal: Error {
        var reason: String
    }

    /// Bytes that are read back at a time, some hundred sub-buffers.
    private static let compressedAtOnce = 1 << 20

    /// Writes the recording, compressed, to a file beside this one, and gives it this one's name.
    mutating func compressed(
        _ compression: Compression, _ cmdlines: [TraceFile.CommandLine], _ ending: FileMetadata.FinalMetadata,
        while goesOn: () -> Bool
    ) -> Result<Summary, Refusal> {
        guard options.version == .seven else { return .failure(Refusal(reason: "version 6 has no compression")) }
        guard !isFull else { return .failure(Refusal(reason: "the disk is full")) }
        guard let place = file.placeForSuccessor() else {
            return .failure(Refusal(reason: "the file has more than one name"))
        }
        var options = options
        options.compression = compression
        do throws(TraceDatError) {
            return try compress(cmdlines, ending, options, to: place, while: goesOn)
        } catch {
            return .failure(Refusal(reason: error.problem))
        }
    }

    private func compress(
        _ cmdlines: [TraceFile.CommandLine], _ ending: FileMetadata.FinalMetadata, _ options: Options,
        to place: ReplacementFile,
        while goesOn: () -> Bool
    ) throws(TraceDatError) -> Result<Summary, Refusal> {
        var successor = try TraceDatWriter(file.successor(at: place), options)
        do throws(TraceDatError) {
            for cpu in streams.indices where streams[cpu].count > 0 {
                guard try copy(cpu, to: &successor, while: goesOn) else {
                    successor.abandon()
                    return .failure(Refusal(reason: "the end was asked for"))
                }
            }
        } catch {
            successor.abandon()
            throw error
        }
        let summary: Summary
        do throws(TraceDatError) {
            summary = try successor.finish(
                cmdlines: cmdlines, cpuStats: ending.cpuStatistics, extension: ending.extensionData)
        } catch {
            file.remove(place)
            throw error
        }
        guard file.give(place) else {
            file.remove(place)
            return .failure(Refusal(reason: "the compressed file could not take its place"))
        }
        return .success(summary)
    }

    /// Hands all sub-buffers of one CPU to another writer; false where that was not to go on.
    private func copy(
        _ cpu: Int, to successor: inout TraceDatWriter, while goesOn: () -> Bool
    ) throws(TraceDatError) -> Bool {
        let size = max(Self.compressedAtOnce / options.pageSize, 1) * options.pageSize
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
        defer { buffer.deallocate() }
        var position: UInt64 = 0
        while position < streams[cpu].count {
            guard goesOn() else { return false }
            // Not across the end of an extent: the next one is elsewhere.
            let left = min(streams[cpu].count - position, table.size - position % table.size)
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(UInt64(size), left))])
            try file.read(at: offset(of: position, cpu), into: part)
            try successor.append(cpu: cpu, bytes: UnsafeRawBufferPointer(part))
            position += UInt64(part.count)
        }
        return true
    }
}

/// Where a file is written that is to take another's place.
struct ReplacementFile {
    /// The file's own, with symbolic links followed.
    let name: FilePath
    let path: FilePath
    let mode: UInt32
    let owner: UInt32
    let group: UInt32
}

extension OutputFile {
    /// Nil where another file under the name would not be the same: there are further names of this one.
    func placeForSuccessor() -> ReplacementFile? {
        guard let status = try? descriptor.status(), status.links == 1 else { return nil }
        guard let resolved = Files.resolved(path.string) else { return nil }
        return ReplacementFile(
            name: FilePath(resolved), path: FilePath(resolved + ".compressing"), mode: status.mode,
            owner: status.owner, group: status.group)
    }

    /// An empty file there that belongs to whom this one belongs to. What a recorder left that was killed is removed.
    func successor(at place: ReplacementFile) throws(TraceDatError) -> OutputFile {
        remove(place)
        let made = try OutputFile(path: place.path, isNew: true)
        // By the descriptor: under the name somebody may have put something else by now.
        do {
            try made.descriptor.setOwner(place.owner, group: place.group)
            try made.descriptor.setMode(place.mode)
        } catch {
            let failure = made.failure(error, "cannot make the file its owner's")
            made.remove()
            throw failure
        }
        return made
    }

    /// Gives the file that was written to `place` the name of this one.
    func give(_ place: ReplacementFile) -> Bool {
        (try? Files.rename(place.path.string, to: place.name.string)) != nil
    }

    func remove(_ place: ReplacementFile) {
        try? Files.unlink(place.path.string)
    }
}
