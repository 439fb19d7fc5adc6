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
}
