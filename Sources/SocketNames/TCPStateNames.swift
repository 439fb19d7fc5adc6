/// Names of TCP's states (include/net/tcp_states.h), as ss(8) and the kernel's documents have them.
public enum TCPStateNames {
    /// The name of a state, nil where it has none.
    public static func name(of state: UInt8) -> StaticString? {
        switch state {
        case 1: "ESTABLISHED"
        case 2: "SYN_SENT"
        case 3: "SYN_RECV"
        case 4: "FIN_WAIT1"
        case 5: "FIN_WAIT2"
        case 6: "TIME_WAIT"
        case 7: "CLOSE"
        case 8: "CLOSE_WAIT"
        case 9: "LAST_ACK"
        case 10: "LISTEN"
        case 11: "CLOSING"
        case 12: "NEW_SYN_RECV"
        default: nil
        }
    }
}
