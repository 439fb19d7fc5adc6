internal import SocketEvents
package import KernelLayout
internal import ProbeContract

/// For each route a chain of functions: presence of a symbol is no promise that it is called (compilers inline, and leave
/// the copy in place), so the next is taken when the one before it was found silent.
extension PlanBuilder {
    mutating func planSends() {
        let message = wants(.send, .sendmsg, .sendmsgReturn)
        let iteration = wants(
            .send, .aioWrite, .aioWriteReturn, .writev, .writevReturn, .writeIter, .writeIterReturn)
        let tellsWrites = fires(writeIter)
        if message {
            let kernelCallers = "kernel callers, io_uring send"
            // Of send and sendto; also inside the other routes where it is not inlined away.
            let hasInner = frames("send, sendto", [sockSendmsgInner])
            if !hasInner || !tellsWrites { frames("send, sendto", [.sysSendto]) }
            let hasOuter = frames(kernelCallers, [sockSendmsg])
            if !hasInner && !hasOuter || request.unseenKernelCallers.contains(.send) {
                frames(kernelCallers, protocolSends)
            }
            if !frames("sendmsg, sendmmsg", [.sysSendmsg]) { frames("sendmsg, sendmmsg", protocolSends) }
            if !hasInner, !tellsWrites { frames("write, AIO, io_uring write", protocolSends) }
            if !hasInner { socketsOfSends("socket of send, sendto") }
        }
        // What is around a message tells its way: without these, one sent from within a write or a splice would be
        // taken for a sendmsg.
        if message || iteration {
            frames("write, AIO, io_uring write", [writeIter])
            frames("writev, pwritev2", [.doWritev])
        }
        if iteration, !leadsFromFilesToSockets { socketsOfSends("socket of write") }
        if message || wants(.send) {
            if !frames("sendfile, splice", [.sendpage]) { frames("sendfile, splice", [.spliceToSocket]) }
        }
    }

    mutating func planReceives() {
        let message = wants(.receive, .recvmsg, .recvmsgReturn)
        let iteration = wants(.receive, .aioRead, .aioReadReturn, .readv, .readvReturn, .readIter, .readIterReturn)
        let tellsReads = fires(readIter)
        if message {
            let hasInner = frames("recv, recvfrom", [sockRecvmsg])
            if !hasInner || !tellsReads { frames("recv, recvfrom", [.sysRecvfrom]) }
            // A copy that recv(2) does not pass is still what others call.
            if !isPresent(sockRecvmsg) || request.unseenKernelCallers.contains(.receive) {
                frames("kernel callers, io_uring recv", protocolReceives)
            }
            if !frames("recvmsg, recvmmsg", [.sysRecvmsg]) { frames("recvmsg, recvmmsg", protocolReceives) }
            if !hasInner, !tellsReads { frames("read, AIO, io_uring read", protocolReceives) }
            if !hasInner { socketsOfReceives("socket of recv, recvfrom") }
        }
        if message || iteration {
            frames("read, AIO, io_uring read", [readIter])
            frames("readv, preadv2", [.doReadv])
            // Splicing out of a datagram socket reads it by its read_iter.
            frames("splice from a socket", [.spliceRead])
        }
        if iteration, !leadsFromFilesToSockets { socketsOfReceives("socket of read") }
    }

    mutating func planCreation() {
        // Where __sock_create is inlined, so is sock_create (no kernel was seen that calls it): socket(2) is left.
        if wants(.createReturn) {
            if !frames("create", [.create]) { frames("create", [.sysSocket]) }
        } else if wants(.create) {
            if !calls("create", [.create]) { calls("create", [.sysSocket]) }
        }
    }

    mutating func planClosing() {
        guard wants(.close, .closeReturn) else { return }
        let isCovered =
            wants(.closeReturn) ? frames("close", [.releaseInner]) : calls("close", [.releaseInner])
        // Kernel sockets and failed calls; it may call the one above, so its frame must be known to be left.
        frames("close by the kernel", [.release])
        guard !isCovered else { return }
        if wants(.closeReturn) { frames("close", [.sockClose]) } else { calls("close", [.sockClose]) }
    }

    /// A kiocb leads to its file and the file to its socket.
    private var leadsFromFilesToSockets: Bool {
        request.layout[.kiocbFile] != nil && request.layout[.filePrivateData] != nil
    }

    /// Inner functions that bring the socket to a frame that has none.
    private mutating func socketsOfSends(_ route: String) {
        if calls(route, [.securitySendmsg]) { return }
        calls(route, protocolSends)
    }

    private mutating func socketsOfReceives(_ route: String) {
        if calls(route, [.securityRecvmsg]) { return }
        calls(route, protocolReceives)
    }

    // MARK: Before 4.1

    /// Messages come with a kiocb in front and their size behind: told by the functions that went when that ended.
    private var isBeforeIterators: Bool { isPresent(.aioWrite) && !isPresent(.writeIter) }

    private var writeIter: ProbedFunction { isBeforeIterators ? .aioWrite : .writeIter }
    private var readIter: ProbedFunction { isBeforeIterators ? .aioRead : .readIter }
    private var sockSendmsgInner: ProbedFunction {
        isBeforeIterators ? .sockSendmsgInnerWithKiocb : .sockSendmsgInner
    }
    private var sockSendmsg: ProbedFunction { isBeforeIterators ? .sockSendmsgWithSize : .sockSendmsg }
    private var sockRecvmsg: ProbedFunction { isBeforeIterators ? .sockRecvmsgWithSize : .sockRecvmsg }

    private var protocolSends: [ProbedFunction] {
        request.protocols.sending.map { protocolFunction($0, .protoSendmsg) }
    }

    private var protocolReceives: [ProbedFunction] {
        request.protocols.receiving.map { protocolFunction($0, .protoRecvmsg) }
    }

    private func protocolFunction(_ function: ProtocolFunctions.Function, _ role: FrameRole) -> ProbedFunction {
        let before = isBeforeIterators ? 1 : 0
        var probed = ProbedFunction(
            function.symbol, role, socket: .argument(1 + before), size: .argument(3 + before), result: .int)
        probed.place = function.place
        return probed
    }
}

extension ProbePlan {
    /// Whether a plan has to fall back upon the protocols' own functions: one of those is absent for which they stand in.
    package static func needsProtocols(_ symbols: KernelSymbols) -> Bool {
        let chains: [[ProbedFunction]] = [
            [.securitySendmsg], [.sysSendmsg], [.sockSendmsgInner, .sockSendmsg], [.writeIter, .aioWrite],
            [.securityRecvmsg], [.sysRecvmsg], [.sockRecvmsg], [.readIter, .aioRead],
        ]
        return !chains.allSatisfy { $0.contains { symbols.canProbe($0.symbol) } }
    }
}
