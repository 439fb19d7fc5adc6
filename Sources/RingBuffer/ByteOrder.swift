/// The byte order in which a kernel wrote its ring buffer.
public enum ByteOrder: Sendable, Equatable {
    case little
    case big

    /// The byte order of the machine this code runs on.
    @inlinable
    public static var host: ByteOrder {
        Int(littleEndian: 1) == 1 ? .little : .big
    }
}
