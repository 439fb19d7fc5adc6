/// The form of a recording that needs no seeking, for pipes: 16 bytes of magic, then frames. A frame is
/// `{u32 kind, u32 CPU, u64 bytes}`, little-endian, and so many bytes.
///
/// | kind | CPU | bytes |
/// |---|---|---|
/// | head, the first | number of CPUs that may come | a trace.dat of version 7 that holds all but records |
/// | sub-buffer | its CPU | the sub-buffer without the zeros at its end |
/// | horizon | 0 | u64, little-endian: every record of an earlier time has come |
/// | end, the last | 0 | what the recorder noted at the end |
///
/// A stream that ends without an end was cut short: what came can be read.
enum StreamFormat {
    static let magic: [UInt8] = Array("sockftrace-pipe\n".utf8)
    static let frameHeadSize = 16

    enum Kind: UInt32 {
        case head = 1
        case subBuffer = 2
        case horizon = 3
        case end = 4
    }

    /// The most CPUs: as many as Linux can be built for.
    static let cpuLimit = 8192
    /// The most bytes of one sub-buffer of each CPU: the reader has room for as much.
    static let roundLimit = 1 << 29
    /// The most bytes of a head: what the metadata of a file may have.
    static let headLimit = UInt64(FileReader.metadataLimit)
    /// The most bytes of an end.
    static let endLimit: UInt64 = 1 << 20
}
