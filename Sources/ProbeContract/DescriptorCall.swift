/// The system calls of which the kernel's own tracepoints say by which descriptor a message goes.
///
/// `syscalls:sys_enter_NAME` has the arguments by the names of `SYSCALL_DEFINE` (net/socket.c, fs/read_write.c), with `fd`
/// first; `sys_exit_NAME` ends the call. The functions behind the calls are no help: compilers inline most of them.
@usableFromInline
package enum DescriptorCall: String, CaseIterable, Sendable {
    /// Calls of their own on 32-bit processors only.
    case send, recv
    case sendto, sendmsg, sendmmsg, recvfrom, recvmsg, recvmmsg
    case write, read

    /// What the call is to the messages within.
    package var role: FrameRole {
        switch self {
        case .send, .sendto, .sendmsg, .sendmmsg: .sendCall
        case .recv, .recvfrom, .recvmsg, .recvmmsg: .receiveCall
        case .write: .writeCall
        case .read: .readCall
        }
    }

    private static var sides: [(side: FrameSide, prefix: String)] { [(.entry, "sys_enter_"), (.return, "sys_exit_")] }

    /// The tracepoints, `SYSTEM/EVENT`; a kernel may lack some.
    package var events: [String] { Self.sides.map { "syscalls/" + $0.prefix + rawValue } }

    /// The call that a tracepoint of the system `syscalls` is about, and the side of it; nil of other events.
    package static func parse(event: String) -> (call: DescriptorCall, side: FrameSide)? {
        for (side, prefix) in sides where event.hasPrefix(prefix) {
            return DescriptorCall(rawValue: String(event.dropFirst(prefix.count))).map { ($0, side) }
        }
        return nil
    }
}
