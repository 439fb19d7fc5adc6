/// The way a message took through the kernel.
public enum Route: UInt8, CaseIterable, Sendable {
    case sendmsg
    case aioWrite
    case writev
    case sendpage
    case splice
    case recvmsg
    case aioRead
    case readv

    /// As events carry it, for example `aio_write`.
    public var name: StaticString {
        switch self {
        case .sendmsg: "sendmsg"
        case .aioWrite: "aio_write"
        case .writev: "writev"
        case .sendpage: "sendpage"
        case .splice: "splice"
        case .recvmsg: "recvmsg"
        case .aioRead: "aio_read"
        case .readv: "readv"
        }
    }
}
