extension Alias {
    /// When it fires, in a few words, for lists.
    package var summary: StaticString {
        switch self {
        case .send: "a message was sent, or could not be: by whatever route, once a message"
        case .receive: "a message was received, or could not be: by whatever route, once a message"
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
        case .writeIter: "the kernel's sock_write_iter is called, be it for write, writev or asynchronously"
        case .writeIterReturn: "socket.write_iter is done"
        case .readIter: "the kernel's sock_read_iter is called, be it for read, readv or asynchronously"
        case .readIterReturn: "socket.read_iter is done"
        case .create: "a socket is about to be made"
        case .createReturn: "a socket was made, or could not be"
        case .close: "a socket is about to be closed for good"
        case .closeReturn: "socket.close is done"
        case .connect: "connect is called, with the address asked for"
        case .connectReturn: "socket.connect is done, or goes on behind the caller's back"
        case .connected: "an attempt to connect has succeeded, failed or been given up: once an attempt"
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
