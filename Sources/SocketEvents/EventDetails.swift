/// Who the socket of an event is, and between whom it was. What is not known is nil.
///
/// Events of one socket share it, as long as nothing of it changes: it lies beside them in their batch.
public struct EventDetails: Sendable {
    /// Tells sockets apart of which one has the kernel's memory of another that was closed: from 1 on, in the order in which
    /// the decoder learned of them; 0 where it did not.
    package var serial: UInt64 = 0
    package var known: Members = []
    package var rawInode: UInt64 = 0
    package var rawRemoteInode: UInt64 = 0
    package var ownership = SocketOwnership()
    package var rawListener: UInt64 = 0
    package var rawBacklogWait: UInt64 = 0
    package var rawRetransmits: UInt32 = 0
    package var rawError: Int32 = 0
    /// -1 where it is not known.
    package var rawDescriptor: Int32 = -1
    package var rawLocal = SocketAddress()
    package var rawRemote = SocketAddress()

    /// What is known.
    @usableFromInline
    package struct Members: OptionSet, BitwiseCopyable, Sendable {
        @usableFromInline package let rawValue: UInt16
        @inlinable package init(rawValue: UInt16) { self.rawValue = rawValue }

        /// Whether all of the members are known. (That of OptionSet is a call through tables outside of this module.)
        @inlinable @inline(__always) package func contains(_ members: Members) -> Bool {
            rawValue & members.rawValue == members.rawValue
        }

        func with(_ member: Members, _ isKnown: Bool) -> Members {
            isKnown ? union(member) : subtracting(member)
        }

        @inlinable package static var inode: Members { Members(rawValue: 1 << 0) }
        @inlinable package static var remoteInode: Members { Members(rawValue: 1 << 1) }
        @inlinable package static var listener: Members { Members(rawValue: 1 << 2) }
        @inlinable package static var backlogWait: Members { Members(rawValue: 1 << 3) }
        @inlinable package static var local: Members { Members(rawValue: 1 << 4) }
        @inlinable package static var remote: Members { Members(rawValue: 1 << 5) }
        @inlinable package static var retransmits: Members { Members(rawValue: 1 << 6) }
        @inlinable package static var error: Members { Members(rawValue: 1 << 7) }
    }

    /// Nothing is known.
    package init() {}

    /// The N of socket:[N], as ss(8), lsof(8) and /proc/PID/fd show it.
    public package(set) var inode: UInt64? {
        get { known.contains(.inode) ? rawInode : nil }
        set { (rawInode, known) = (newValue ?? 0, known.with(.inode, newValue != nil)) }
    }
    /// That of the socket at the other end, which only AF_UNIX knows.
    public var remoteInode: UInt64? { known.contains(.remoteInode) ? rawRemoteInode : nil }
    /// The owner of the inode: a user number of the initial namespace.
    public var user: UInt32? { ownership.user }
    /// The inode number of the network namespace.
    public var namespace: UInt32? { ownership.namespace }
    /// The inode number of its control group's directory below the mount of cgroup2.
    public var cgroup: UInt64? { ownership.cgroup }
    /// The descriptor by which the operation was done, as its process has it; of an accept's return the new one.
    public var descriptor: Int32? { rawDescriptor >= 0 ? rawDescriptor : nil }
    /// The inode of the listening socket, of an accept.
    public var listener: UInt64? { known.contains(.listener) ? rawListener : nil }
    /// Nanoseconds for which the connection waited to be accepted, of an accept.
    public var backlogWait: UInt64? { known.contains(.backlogWait) ? rawBacklogWait : nil }
    /// Segments that TCP has sent once more.
    public var retransmits: UInt32? { known.contains(.retransmits) ? rawRetransmits : nil }
    /// Why TCP's connection is over: a positive error number; nil also where there was no error.
    public var error: Int32? { known.contains(.error) && rawError > 0 ? rawError : nil }
    /// This end.
    public package(set) var local: SocketAddress? {
        get { known.contains(.local) ? rawLocal : nil }
        set { (rawLocal, known) = (newValue ?? SocketAddress(), known.with(.local, newValue != nil)) }
    }
    /// The other end.
    public package(set) var remote: SocketAddress? {
        get { known.contains(.remote) ? rawRemote : nil }
        set { (rawRemote, known) = (newValue ?? SocketAddress(), known.with(.remote, newValue != nil)) }
    }
}

extension EventDetails: Equatable {
    /// The serial does not count: it depends on what else was seen.
    public static func == (left: EventDetails, right: EventDetails) -> Bool {
        left.inode == right.inode && left.remoteInode == right.remoteInode && left.ownership == right.ownership
            && left.listener == right.listener && left.backlogWait == right.backlogWait
            && left.descriptor == right.descriptor && left.local == right.local && left.remote == right.remote
    }
}
