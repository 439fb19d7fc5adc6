internal import RingBuffer

/// What is run on bytes of anybody's making. Whatever they are, a target returns; a trap, a hang or memory without
/// bounds is a fault.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// Sub-buffers of any content and layout, walked and merged.
    case pages
    /// Format texts and records that may contradict each other, decoded to events.
    case decoder
    /// The options of a version 7 file.
    case options
    /// Whole files of version 6, reported to the end.
    case version6
    /// Whole files of version 7.
    case version7

    /// Runs the target once.
    package func run(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .pages: walkPages(bytes)
        case .decoder: decode(bytes)
        case .options: readFile(optionsFile(bytes))
        case .version6: readFile(wholeFile(version: "6", bytes))
        case .version7: readFile(wholeFile(version: "7", bytes))
        }
    }
}

/// The first byte of an input chooses among the layouts that kernels have, and some that none has.
struct LayoutChoice {
    var byteOrder: ByteOrder
    var longSize: Int
    var size: Int
    var streams: Int

    init(_ byte: UInt8) {
        byteOrder = byte & 1 == 0 ? .little : .big
        longSize = byte & 2 == 0 ? 8 : 4
        size = [4096, 64, 256, 8192][Int(byte >> 2 & 3)]
        streams = 1 + Int(byte >> 4 & 3)
    }

    var layout: SubBufferLayout? {
        SubBufferLayout(
            size: size, commitOffset: 8, commitWidth: longSize, dataOffset: 8 + longSize, byteOrder: byteOrder)
    }

    /// Where each stream's whole sub-buffers lie among so many bytes.
    func regions(_ count: Int) -> [Range<Int>] {
        let pages = count / size
        return (0..<streams).map { pages * $0 / streams * size..<pages * ($0 + 1) / streams * size }
    }
}
