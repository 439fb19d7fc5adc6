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
    /// What the compressed file is called while it is made, where it must have a name.
    private static let suffix = ".compressing"

    /// Writes the recording, compressed, to a file beside this one, and gives it this one's name.
    func compressed(
        _ compression: Compression, _ cmdlines: [TraceFile.CommandLine], _ ending: FileMetadata.FinalMetadata,
        while goesOn: () -> Bool
    ) -> Result<Summary, Refusal> {
        guard options.version == .seven else { return .failure(Refusal(reason: "version 6 has no compression")) }
        guard !isFull else { return .failure(Refusal(reason: "the disk is full")) }
        guard (try? file.opened.file.status())?.links == 1, file.opened.isInPlace else {
            return .failure(Refusal(reason: "the file has another name, or several"))
        }
        var options = options
        options.compression = compression
        do throws(TraceDatError) {
            return try compress(cmdlines, ending, options, while: goesOn)
        } catch {
            return .failure(Refusal(reason: error.problem))
        }
    }

    private func compress(
        _ cmdlines: [TraceFile.CommandLine], _ ending: FileMetadata.FinalMetadata, _ options: Options,
        while goesOn: () -> Bool
    ) throws(TraceDatError) -> Result<Summary, Refusal> {
        let beside = try OutputFile(successorOf: file, suffix: Self.suffix)
        var successor = try TraceDatWriter(beside, options)
        do throws(TraceDatError) {
            for cpu in streams.indices where streams[cpu].count > 0 {
                guard try copy(cpu, to: &successor, while: goesOn) else {
                    successor.abandon()
                    return .failure(Refusal(reason: "the end was asked for"))
                }
            }
            let summary = try successor.complete(cmdlines, ending)
            if try takesPlace(successor.file) { return .success(summary) }
        } catch {
            successor.abandon()
            throw error
        }
        successor.abandon()
        return .failure(Refusal(reason: "the file was given another name"))
    }

    private func takesPlace(_ successor: borrowing OutputFile) throws(TraceDatError) -> Bool {
        do {
            return try file.opened.replace(with: successor.opened, suffix: Self.suffix)
        } catch {
            throw file.failure(error, "the compressed file could not take its place")
        }
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
