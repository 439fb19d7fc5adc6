/// Names of socket states: the kernel's SS_ names without `SS_` (include/uapi/linux/net.h), as in the tapset.
public enum SocketStateNames {
    /// The numbers that have a name.
    package static let range: ClosedRange<Int32> = 0...4

    /// The name of a state, nil where the number has none.
    public static func name(of number: Int32) -> StaticString? {
        switch number {
        case 0: "FREE"
        case 1: "UNCONNECTED"
        case 2: "CONNECTING"
        case 3: "CONNECTED"
        case 4: "DISCONNECTING"
        default: nil
        }
    }

    /// All names, for help and for messages.
    package static var helpNames: [String] { NameLookup.names(in: range, by: name(of:)) }
}
