package import ProbeContract

/// A kernel function that can play a role, and how its arguments lead to the socket and the message.
package struct ProbedFunction: Sendable, Equatable {
    /// Its name in /proc/kallsyms, or what it is called where that is not its own.
    package var symbol: String
    /// Where a probe is put, as tracefs takes it; nil where that is the symbol.
    package var place: String?
    /// What its records mean.
    package var subject: Subject
    /// Where the socket comes from.
    package var socket: SocketSource
    /// What of the socket is fetched.
    package var details: SocketDetails
    /// What else is fetched.
    package var extras: [Extra] = []
    /// Where the number of bytes asked for comes from.
    package var size: SizeSource
    /// The width of what it returns: `int` functions leave the upper half of the register unset.
    package var result: ResultType
    /// Where the arguments of a creation are.
    package var creation: CreationArguments?

    /// What the records of a function mean.
    package enum Subject: Sendable, Equatable {
        /// It is a frame of an operation.
        case frame(FrameRole)
        /// Its call tells something.
        case notice(SocketNotice)
        /// What it returns tells something: the address of a sock.
        case returnedSock(SocketNotice)
    }

    /// Argument numbers count from 1.
    package struct CreationArguments: Sendable, Equatable {
        /// The address family.
        package var family: Int
        /// The socket's type.
        package var type: Int
        /// The protocol.
        package var `protocol`: Int
        /// Nil where only user space calls the function.
        package var requester: Int?
    }

    /// Argument numbers count from 1.
    package enum SocketSource: Sendable, Equatable {
        case none
        /// The argument is a `struct socket *`.
        case argument(Int)
        /// The argument is a `struct file *`.
        case file(Int)
        /// The argument is a `struct kiocb *`.
        case kiocb(Int)
        /// The argument is a `struct sock *`.
        case sock(Int)
        /// The argument is a `struct sock *`, which is about to belong to the `struct socket *` of another argument.
        case graft(sock: Int, socket: Int)
    }

    /// What is fetched besides; argument numbers count from 1.
    package enum Extra: Sendable, Equatable {
        /// An `int` argument.
        case number(String, Int)
        /// An argument that is an address.
        case pointer(String, Int)
        /// The sock of a `struct socket *` argument.
        case sock(String, Int)
        /// The beginning of the sock of a `struct socket *` argument.
        case sockHead(Int)
        /// So many words of a `struct sockaddr *`, and its length.
        case address(Int, length: Int, words: Int)
        /// A `struct flowi4 *`.
        case flowIPv4(Int)
        /// A `struct flowi6 *`.
        case flowIPv6(Int)
        /// What lies before the data of a `struct sk_buff *`.
        case header(Int)
        /// The sock that a `struct sk_buff *` belongs to.
        case bufferSock(Int)
        /// How a TCP sock ended.
        case tcpEnd(Int)
        /// A `struct net *`, where somebody wants the network namespace.
        case namespace(Int)
        /// A system call's descriptor, its first argument, where somebody wants it.
        case descriptor
    }

    /// Argument numbers count from 1.
    package enum SizeSource: Sendable, Equatable {
        case none
        /// The argument is the number itself.
        case argument(Int)
        /// The argument is a `struct msghdr *`.
        case message(Int)
        /// The argument is a `struct iov_iter *`.
        case iterator(Int)
    }

    /// What a function returns, in a fetch-arg's words.
    package enum ResultType: String, Sendable {
        case int = "s32"
        case long = "s64"
        /// The function returns nothing of interest.
        case nothing
    }

    /// The function of a frame; without a source it tells neither socket nor size.
    package init(
        _ symbol: String, _ role: FrameRole, socket: SocketSource = .none, details: SocketDetails = .message,
        size: SizeSource = .none, result: ResultType = .nothing, creation: CreationArguments? = nil,
        extras: [Extra] = []
    ) {
        self.init(symbol, .frame(role), socket, details, extras, result)
        self.size = size
        self.creation = creation
    }

    /// A function whose call tells something.
    package init(
        _ symbol: String, _ notice: SocketNotice, socket: SocketSource, details: SocketDetails, extras: [Extra] = []
    ) {
        self.init(symbol, .notice(notice), socket, details, extras, .nothing)
    }

    /// A function of which the address of a sock that it returns tells something.
    package init(_ symbol: String, returning notice: SocketNotice) {
        self.init(symbol, .returnedSock(notice), .none, [], [], .nothing)
    }

    private init(
        _ symbol: String, _ subject: Subject, _ socket: SocketSource, _ details: SocketDetails, _ extras: [Extra],
        _ result: ResultType
    ) {
        self.symbol = symbol
        self.subject = subject
        self.socket = socket
        self.details = details
        self.extras = extras
        self.result = result
        size = .none
    }

    /// The role of its frames; nil where it has none.
    package var role: FrameRole? {
        if case .frame(let role) = subject { role } else { nil }
    }
}

/// What is fetched of a socket. None of it lies behind pointers that are often null where the function is called.
package struct SocketDetails: OptionSet, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The socket's address.
    package static let pointer = SocketDetails(rawValue: 1 << 0)
    /// State, type and flags, where they are close together at once.
    package static let members = SocketDetails(rawValue: 1 << 1)
    /// The type alone.
    package static let type = SocketDetails(rawValue: 1 << 2)
    /// The beginning of its sock, for addresses, family and TCP state; where that is not known the family alone.
    package static let head = SocketDetails(rawValue: 1 << 3)
    package static let `protocol` = SocketDetails(rawValue: 1 << 4)
    /// The sock's address.
    package static let sock = SocketDetails(rawValue: 1 << 5)
    /// The inode's number.
    package static let inode = SocketDetails(rawValue: 1 << 6)
    /// The inode's owner, where somebody wants it.
    package static let user = SocketDetails(rawValue: 1 << 7)
    /// The network namespace, where somebody wants it.
    package static let namespace = SocketDetails(rawValue: 1 << 8)
    /// The pointers behind which something is fetched, as they are null where the socket was never made whole.
    package static let wholeness = SocketDetails(rawValue: 1 << 9)
    /// IPv6 addresses.
    package static let ipv6 = SocketDetails(rawValue: 1 << 10)
    /// The peer of an AF_UNIX sock.
    package static let peer = SocketDetails(rawValue: 1 << 11)
    /// The name of an AF_UNIX sock; it is null where there is none, so this is for rare calls.
    package static let unixName = SocketDetails(rawValue: 1 << 12)
    /// The ports of an AF_NETLINK sock.
    package static let netlinkPorts = SocketDetails(rawValue: 1 << 13)
    /// The socket that a sock belongs to, and what is asked of it; it can be null, too.
    package static let owner = SocketDetails(rawValue: 1 << 14)

    /// The control group, where somebody wants it.
    package static let cgroup = SocketDetails(rawValue: 1 << 15)

    /// What every message tells.
    package static let message: SocketDetails = [.pointer, .members, .head, .protocol]
    /// What a message tells that is known by its sock, and of which nothing was seen before.
    package static let wholeMessage: SocketDetails = [
        .pointer, .members, .head, .ipv6, .sock, .owner, .inode, .user, .namespace, .cgroup,
    ]
    /// What a connection tells that is beginning, likewise.
    package static let wholeConnection: SocketDetails = [.pointer, .sock, .owner, .inode, .user, .namespace, .cgroup]
    /// What a line of a list of sockets tells.
    package static let row: SocketDetails = [
        .pointer, .head, .protocol, .owner, .inode, .user, .namespace, .cgroup,
    ]
    /// What the end of a socket tells.
    package static let closing: SocketDetails = [.message, .wholeness]
    /// What a step in a socket's life tells: enough to know again a socket that was there before.
    package static let life: SocketDetails = [.pointer, .type, .head, .protocol, .sock, .inode]
}
