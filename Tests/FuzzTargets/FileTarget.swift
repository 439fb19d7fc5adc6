internal import EventOutput
internal import Glibc
internal import SocketNames
internal import SocketTracing
internal import SystemPackage
internal import TraceDat

/// The magic number and the version of a trace.dat, then the input: no time is lost on finding them.
func wholeFile(version: String, _ input: UnsafeRawBufferPointer) -> [UInt8] {
    magic + Array(version.utf8) + [0] + input.dropFirst(magic.count + 2)
}

private let magic: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing".utf8)

/// A version 7 file without compression whose only section is one of options, the input.
func optionsFile(_ input: UnsafeRawBufferPointer) -> [UInt8] {
    var file = magic + Array("7".utf8) + [0, 0, 8, 0, 16, 0, 0]
    file += Array("none".utf8) + [0, 0]
    let place = UInt64(file.count + 8)
    file += bytes(of: place)
    // Number 0, no flags, no description.
    file += [UInt8](repeating: 0, count: 8) + bytes(of: UInt64(input.count))
    return file + input
}

private func bytes(of value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// Reports a file to its end, in all formats, and reads the pages of every buffer once more by themselves.
func readFile(_ bytes: [UInt8]) {
    guard let file = TemporaryFile(bytes) else { return }
    var room = [UInt8](repeating: 0, count: 64 << 10)
    if var trace = try? TraceFile(descriptor: file.descriptor, name: "fuzz") {
        readPages(&trace, &room)
        _ = trace.commandLines.count + trace.damage.count
    }
    var options = ReplayOptions()
    options.aliases = .all
    guard var replay = try? Replay(descriptor: file.descriptor, name: "fuzz", options: options) else { return }
    let flags = replay.flagNames ?? .unknown
    let renderers = [OutputFormat.text, .json, .csv].map { EventRenderer(format: $0, flagNames: flags) }
    var out = OutputBuffer()
    var batch = TraceBatch()
    while (try? replay.read(into: &batch)) == true {
        for renderer in renderers { renderer.render(batch, into: &out) }
        out.clear()
    }
    _ = replay.damage.count + replay.facts.remarks.count
}

private func readPages(_ trace: inout TraceFile, _ room: inout [UInt8]) {
    for buffer in trace.buffers.indices.prefix(8) where trace.buffers[buffer].pageSize <= room.count {
        for cpu in trace.buffers[buffer].cpus.indices.prefix(16) {
            var page = 0
            // A few are enough: the report reads all of them.
            for _ in 0..<16 {
                let count = room.withUnsafeMutableBytes { target in
                    (try? trace.read(buffer: buffer, cpu: cpu, at: page, into: target)) ?? 0
                }
                if count == 0 { break }
                page += count
            }
        }
    }
}

/// A file without a name.
private struct TemporaryFile: ~Copyable {
    let descriptor: FileDescriptor

    init?(_ bytes: [UInt8]) {
        var template = Array("/tmp/sockftrace-fuzz-XXXXXX".utf8CString)
        let raw = mkstemp(&template)
        guard raw >= 0 else { return nil }
        unlink(template)
        descriptor = FileDescriptor(rawValue: raw)
        _ = try? descriptor.writeAll(bytes)
    }

    deinit { try? descriptor.close() }
}
