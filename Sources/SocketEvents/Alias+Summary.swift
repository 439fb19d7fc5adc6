extension Alias {
    /// When it fires, in a few words, for lists.
    package var summary: StaticString {
        switch self {
        case .send: "a message was sent, or failed to be sent, by any call; each message once"
        case .receive: "a message was received, or failed to be received, by any call; each message once"
        case .sendmsg: "a message is about to be sent: send, sendto, sendmsg, sendmmsg, io_uring, the kernel itself"
        case .sendmsgReturn: "socket.sendmsg is done"
        case .recvmsg:
            "a message is about to be received: recv, recvfrom, recvmsg, recvmmsg, io_uring, the kernel itself"
        case .recvmsgReturn: "socket.recvmsg is done"
        case .aioWrite: "a socket is about to be written to: write, asynchronous writes"
        case .aioWriteReturn: "socket.aio_write is done"
        case .aioRead: "a socket is about to be read from: read, asynchronous reads"
        case .aioReadReturn: "socket.aio_read is done"
        case .writev: "a socket is about to be written to by writev or pwritev"
        case .writevReturn: "socket.writev is done"
        case .readv: "a socket is about to be read from by readv or preadv"
        case .readvReturn: "socket.readv is done"
        case .writeIter: "the kernel's sock_write_iter is called: for write, writev or asynchronous writes"
        case .writeIterReturn: "socket.write_iter is done"
        case .readIter: "the kernel's sock_read_iter is called: for read, readv or asynchronous reads"
        case .readIterReturn: "socket.read_iter is done"
        case .create: "a socket is about to be created"
        case .createReturn: "a socket was created, or could not be"
        case .close: "the last descriptor of a socket is about to be closed"
        case .closeReturn: "socket.close is done"
        case .connect: "connect is called, with the address asked for"
        case .connectReturn: "socket.connect is done, or continues in the background"
        case .connected: "an attempt to connect succeeded, failed or was given up; each attempt once"
        case .accept: "accept is called on a listening socket"
        case .acceptReturn: "a connection was accepted, or none was there"
        case .bind: "bind is called, with the address asked for"
        case .bindReturn: "socket.bind is done"
        case .listen: "listen is called"
        case .listenReturn: "socket.listen is done"
        case .shutdown: "shutdown is called"
        case .shutdownReturn: "socket.shutdown is done"
        }
    }
}
