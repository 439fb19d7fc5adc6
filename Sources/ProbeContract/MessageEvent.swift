/// An event that the kernel has of itself for each message, when it has been moved (since 6.3). Fields: `sk`, `family`,
/// `protocol`, `ret` (bytes or a negative error number), `flags`.
@usableFromInline
package enum MessageEvent: String, CaseIterable, Sendable {
    case sent = "sock/sock_send_length"
    case received = "sock/sock_recv_length"
}

/// The events of socket(2), where the kernel traces system calls.
@usableFromInline
package enum SocketCallEvent: String, CaseIterable, Sendable {
    case entry = "syscalls/sys_enter_socket"
    case exit = "syscalls/sys_exit_socket"
}
