extension Alias {
    /// A set of event fields.
    public struct Arguments: OptionSet, BitwiseCopyable, Sendable {
        /// One bit for each field, as its schema says.
        public let rawValue: UInt64
        /// From the bits.
        @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
        /// The set of one field.
        @inlinable @inline(__always) public init(_ field: EventField) {
            self.init(rawValue: 1 << UInt64(field.schema.bit))
        }

        /// Address of the kernel's `struct socket`.
        @inlinable public static var socket: Arguments { Arguments(.socket) }
        /// Bytes, or the negative error number.
        @inlinable public static var size: Arguments { Arguments(.size) }
        /// Protocol number.
        @inlinable public static var `protocol`: Arguments { Arguments(.protocol) }
        /// Address family.
        @inlinable public static var family: Arguments { Arguments(.family) }
        /// Socket state.
        @inlinable public static var state: Arguments { Arguments(.state) }
        /// The word `socket.flags`.
        @inlinable public static var flags: Arguments { Arguments(.flags) }
        /// Socket type.
        @inlinable public static var type: Arguments { Arguments(.type) }
        /// Who asked for a new socket.
        @inlinable public static var requester: Arguments { Arguments(.requester) }
        /// Result of a creation.
        @inlinable public static var err: Arguments { Arguments(.err) }
        /// Whether the operation succeeded.
        @inlinable public static var success: Arguments { Arguments(.success) }
        /// The route of a message.
        @inlinable public static var via: Arguments { Arguments(.via) }
        /// Nanoseconds from entry to return.
        @inlinable public static var duration: Arguments { Arguments(.duration) }

        /// The process, which no alias lacks.
        @inlinable package static var pid: Arguments { Arguments(.pid) }
        /// The thread's name, which no alias lacks.
        @inlinable package static var comm: Arguments { Arguments(.comm) }

        /// What every alias of a send or receive carries.
        @inlinable public static var message: Arguments {
            [.socket, .size, .protocol, .family, .state, .flags, .type]
        }

        /// The fields, in their order.
        public var fields: [EventField] { EventField.allCases.filter { contains(Arguments($0)) } }

        /// The keys of the fields, as events carry them; `name` is always there and is not among them.
        public var names: [String] { fields.map { $0.schema.key.description } }
    }
}
