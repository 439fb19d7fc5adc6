internal import ProbeContract

extension FrameRole {
    /// The way a message takes whose outermost frame has this role, inside a frame that shows how it came about, or not.
    @inline(__always)
    func route(inside context: FrameRole?) -> Route? {
        switch self {
        case .sendmsg, .sysSendmsg, .sysSendto, .protoSendmsg: context == .spliceToSocket ? .splice : .sendmsg
        case .writeIter: context == .writev ? .writev : .aioWrite
        case .sendpage: .sendpage
        case .recvmsg, .sysRecvmsg, .sysRecvfrom, .protoRecvmsg: .recvmsg
        case .readIter: context == .readv ? .readv : .aioRead
        case .spliceRead: .splice
        default: nil
        }
    }

    /// Of a frame that may know a descriptor, the way of the messages that go by it; nil of others.
    private var routeByDescriptor: Route? {
        switch self {
        case .sendCall: .sendmsg
        case .receiveCall: .recvmsg
        case .writeCall, .writev: .aioWrite
        case .readCall, .readv: .aioRead
        default: nil
        }
    }

    /// The outermost frame of a message of its own has a role. The kernel may send and receive by sockets of its own within
    /// a call: where the file lies on another machine, for one.
    func carries(_ message: FrameRole) -> Bool {
        routeByDescriptor.map { $0 == message.route(inside: nil) } ?? false
    }
}
