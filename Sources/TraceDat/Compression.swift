internal import CZlib
internal import CZstd

/// How the sections and the CPU data of a version 7 file are compressed.
public enum Compression: String, Sendable, Equatable, CaseIterable {
    /// Not at all.
    case none
    /// zstd frames; the compressor that every trace-cmd 3 knows.
    case zstd
    /// zlib streams; Debian 12's trace-cmd is built without it and refuses such files.
    case zlib
}

/// Turns compressed bytes back, always into a buffer of the exact size the file announced: nothing grows.
///
/// Sendable, since the context is its one owner's.
struct Decompressor: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer?
    let compression: Compression

    init(_ compression: Compression) {
        self.compression = compression
        context = compression == .zstd ? ZSTD_createDCtx() : nil
    }

    deinit {
        if let context { ZSTD_freeDCtx(context) }
    }

    /// Fills `target` from `source`; false when the bytes are damaged or become more or fewer than `target` holds.
    func decompress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
        switch compression {
        case .none:
            return false
        case .zstd:
            guard let context else { return false }
            let size = ZSTD_decompressDCtx(context, target.baseAddress, target.count, source.baseAddress, source.count)
            return ZSTD_isError(size) == 0 && size == target.count
        case .zlib:
            var size = uLongf(target.count)
            let status = uncompress(
                target.baseAddress?.assumingMemoryBound(to: Bytef.self), &size,
                source.baseAddress?.assumingMemoryBound(to: Bytef.self), uLong(source.count))
            return status == Z_OK && size == uLongf(target.count)
        }
    }
}

/// Compresses blocks, zstd with one reused context.
struct Compressor: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer?
    /// zstd's fastest: of trace pages the next ones save little and take longer.
    private static let zstdLevel: Int32 = 1
    private static let zlibLevel: Int32 = 1

    /// Nil for `.none`, and where there is no memory.
    init?(_ compression: Compression) {
        switch compression {
        case .none: return nil
        case .zlib: context = nil
        case .zstd:
            guard let made = ZSTD_createCCtx() else { return nil }
            context = made
        }
    }

    deinit {
        if let context { ZSTD_freeCCtx(context) }
    }

    /// The room that `compress` needs for `count` bytes, whichever way they are compressed.
    static func bound(_ count: Int) -> Int {
        max(ZSTD_compressBound(count), Int(compressBound(uLong(count))))
    }

    /// Compresses `source` into `target`; the bytes made, or nil when the library refuses.
    func compress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        guard let context else { return compressZlib(source, into: target) }
        let size = ZSTD_compressCCtx(
            context, target.baseAddress, target.count, source.baseAddress, source.count, Self.zstdLevel)
        return ZSTD_isError(size) == 0 ? size : nil
    }

    private func compressZlib(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        var size = uLongf(target.count)
        let status = compress2(
            target.baseAddress?.assumingMemoryBound(to: Bytef.self), &size,
            source.baseAddress?.assumingMemoryBound(to: Bytef.self), uLong(source.count), Self.zlibLevel)
        return status == Z_OK ? Int(size) : nil
    }
}
