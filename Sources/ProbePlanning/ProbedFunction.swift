package import ProbeContract

/// A kernel function that can play a role, and how its arguments lead to the socket and the message.
package struct ProbedFunction: Sendable, Equatable {
    /// Its name in /proc/kallsyms, or what it is called where that is not its own.
    package var symbol: String
    /// Where a probe is put, as tracefs takes it; nil where that is the symbol.
    package var place: String?
    /// What its frames mean.
    package var role: FrameRole
    /// Where the socket comes from.
    package var socket: SocketSource
    /// Where the number of bytes asked for comes from.
    package var size: SizeSource
    /// The width of what it returns: `int` functions leave the upper half of the register unset.
    package var result: ResultType
    /// Where the arguments of a creation are.
    package var creation: CreationArguments?

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

    /// A function of these arguments and this result; without a source it tells neither socket nor size.
    package init(
        _ symbol: String, _ role: FrameRole, socket: SocketSource = .none, size: SizeSource = .none,
        result: ResultType = .nothing, creation: CreationArguments? = nil
    ) {
        self.symbol = symbol
        self.role = role
        self.socket = socket
        self.size = size
        self.result = result
        self.creation = creation
    }
}
