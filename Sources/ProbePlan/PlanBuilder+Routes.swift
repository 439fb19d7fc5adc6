internal import SocketAliases

/// For each route a chain of functions: presence of a symbol is no promise that it is called (compilers inline, and leave
/// the copy in place), so the next is taken when the one before it was found silent.
extension PlanBuilder {
    mutating func planSends() {
        let message = wants(.send, .sendmsg, .sendmsgReturn)
        let iteration = wants(
            .send, .aioWrite, .aioWriteReturn, .writev, .writevReturn, .writeIter, .writeIterReturn)
        if message {
            // Of send and sendto; also inside the other routes where it is not inlined away.
            if !frames("send, sendto", [.sockSendmsgInner]) {
                frames("send, sendto", [.sysSendto])
                socketsOfSends("socket of send, sendto")
            }
            frames("kernel callers, io_uring send", [.sockSendmsg])
            frames("sendmsg, sendmmsg", [.sysSendmsg])
        }
        if iteration {
            frames("write, AIO, io_uring write", [.writeIter])
            frames("writev, pwritev2", [.doWritev])
            if !leadsFromFilesToSockets { socketsOfSends("socket of write") }
        }
        if wants(.send) {
            if !frames("sendfile, splice", [.sendpage]) { frames("sendfile, splice", [.spliceToSocket]) }
        }
    }

    mutating func planReceives() {
        let message = wants(.receive, .recvmsg, .recvmsgReturn)
        let iteration = wants(.receive, .aioRead, .aioReadReturn, .readv, .readvReturn, .readIter, .readIterReturn)
        if message {
            if !frames("recv, recvfrom", [.sockRecvmsg]) {
                frames("recv, recvfrom", [.sysRecvfrom])
                socketsOfReceives("socket of recv, recvfrom")
            }
            frames("recvmsg, recvmmsg", [.sysRecvmsg])
        }
        if iteration {
            frames("read, AIO, io_uring read", [.readIter])
            frames("readv, preadv2", [.doReadv])
            if !leadsFromFilesToSockets { socketsOfReceives("socket of read") }
        }
        if wants(.receive) { frames("splice from a socket", [.spliceRead]) }
    }

    mutating func planCreation() {
        if wants(.createReturn) {
            frames("create", [.create])
        } else if wants(.create) {
            calls("create", [.create])
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
        calls(
            route,
            ProtocolFunctions.sending.map {
                ProbedFunction($0, .protoSendmsg, socket: .argument(1), size: .argument(3))
            })
    }

    private mutating func socketsOfReceives(_ route: String) {
        if calls(route, [.securityRecvmsg]) { return }
        calls(
            route,
            ProtocolFunctions.receiving.map {
                ProbedFunction($0, .protoRecvmsg, socket: .argument(1), size: .argument(3))
            })
    }
}
