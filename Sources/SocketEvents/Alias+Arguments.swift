extension Alias {
    /// A set of event fields.
    @usableFromInline package struct Arguments: OptionSet, BitwiseCopyable, Sendable {
        /// One bit for each field, as its schema says.
        @usableFromInline package let rawValue: UInt64
        /// From the bits.
        @inlinable package init(rawValue: UInt64) { self.rawValue = rawValue }
        /// The set of one field.
        @inlinable @inline(__always) package init(_ field: EventField) {
            self.init(rawValue: 1 << UInt64(field.schema.bit))
        }

        /// Whether all of the fields are here. (That of OptionSet is a call, of which an event takes a dozen.)
        @inlinable @inline(__always) package func contains(_ fields: Arguments) -> Bool {
            rawValue & fields.rawValue == fields.rawValue
        }

        /// Address of the kernel's `struct socket`.
        @inlinable package static var socket: Arguments { Arguments(.socket) }
        /// Bytes, or the negative error number.
        @inlinable package static var size: Arguments { Arguments(.size) }
        /// Protocol number.
        @inlinable package static var `protocol`: Arguments { Arguments(.protocol) }
        /// Address family.
        @inlinable package static var family: Arguments { Arguments(.family) }
        /// Socket state.
        @inlinable package static var state: Arguments { Arguments(.state) }
        /// The word `socket.flags`.
        @inlinable package static var flags: Arguments { Arguments(.flags) }
        /// Socket type.
        @inlinable package static var type: Arguments { Arguments(.type) }
        /// Who asked for a new socket.
        @inlinable package static var requester: Arguments { Arguments(.requester) }
        /// Result of a creation.
        @inlinable package static var err: Arguments { Arguments(.err) }
        /// Whether the operation succeeded.
        @inlinable package static var success: Arguments { Arguments(.success) }
        /// The route of a message.
        @inlinable package static var via: Arguments { Arguments(.via) }
        /// Nanoseconds from entry to return.
        @inlinable package static var duration: Arguments { Arguments(.duration) }

        /// Inode number of the socket.
        @inlinable package static var inode: Arguments { Arguments(.inode) }
        /// Bytes moved.
        @inlinable package static var bytes: Arguments { Arguments(.bytes) }
        /// The positive error number.
        @inlinable package static var errno: Arguments { Arguments(.errno) }
        /// Both ends, and the inode at the other one.
        @inlinable package static var ends: Arguments {
            [
                Arguments(.localAddress), Arguments(.localPort), Arguments(.remoteAddress), Arguments(.remotePort),
                Arguments(.remoteInode),
            ]
        }
        /// TCP's state.
        @inlinable package static var tcpState: Arguments { Arguments(.tcpState) }
        /// The inode of the socket that listens.
        @inlinable package static var listener: Arguments { Arguments(.listener) }
        /// How long a connection waited to be accepted.
        @inlinable package static var backlogWait: Arguments { Arguments(.backlogWait) }
        /// listen(2)'s backlog.
        @inlinable package static var backlog: Arguments { Arguments(.backlog) }
        /// shutdown(2)'s manner.
        @inlinable package static var how: Arguments { Arguments(.how) }

        /// Who a socket is, and between whom.
        @inlinable package static var located: Arguments {
            [.socket, .inode, .protocol, .family, .ends, .state, .tcpState, .flags, .type]
        }
        /// How a step ended.
        @inlinable package static var result: Arguments { [.err, .errno, .success, .duration] }

        /// The process, which no alias lacks.
        @inlinable package static var pid: Arguments { Arguments(.pid) }
        /// The thread's name, which no alias lacks.
        @inlinable package static var comm: Arguments { Arguments(.comm) }

        /// What every alias of a send or receive carries.
        @inlinable package static var message: Arguments {
            [.socket, .inode, .size, .protocol, .family, .ends, .state, .tcpState, .flags, .type]
        }

        /// The fields, in their order.
        package var fields: [EventField] { EventField.allCases.filter { contains(Arguments($0)) } }

        /// The keys of the fields, as events carry them; `name` is always there and is not among them.
        package var names: [String] { fields.map { $0.schema.key.description } }
    }
}
