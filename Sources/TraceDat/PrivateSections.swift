/// What sockftrace keeps in a file for itself, in parts shaped like version 7 sections: `{u16 number, u16 flags,
/// u32 -1, u64 size}`, then `{8 bytes magic, u32 kind, u32 0, u64 bytes}`, then so many bytes of the kind's own. The
/// section may be longer than its bytes.
///
/// In version 7 they stand among the other sections, where trace-cmd passes over a number it does not know without a
/// word (an unknown *option* makes it print a warning). In version 6 they stand between the file's head and the first
/// CPU's data, where nothing looks, and are found through the trailer right before that data.
enum PrivateSections {
    static let sectionID: UInt16 = 0x5346
    static let magic: [UInt8] = Array("sockftrc".utf8)
    static let headSize = 40
    /// Where in a part's head the number of its bytes stands.
    static let sizeOffset = 32
    /// Before the first CPU's data in version 6: `{u64 place of the first part, 8 bytes magic}`.
    static let trailerSize = 16

    enum Kind: UInt32 {
        case journal = 1
        case extensionData = 2
    }
}
