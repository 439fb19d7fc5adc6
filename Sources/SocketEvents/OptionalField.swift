/// What JSON and CSV have of a socket, or of the call, if asked for it.
package enum OptionalField: String, CaseIterable, Sendable {
    /// Who owns the socket: a user number of the initial namespace.
    case user = "uid"
    /// The inode number of its network namespace, as `ip netns` and /proc/PID/ns/net have it.
    case namespace = "netns"
    /// The inode number of its control group's directory below the mount of cgroup2.
    case cgroup
    /// The descriptor that the operation's call was given.
    case descriptor = "fd"

    /// What it is, for the help.
    package var summary: StaticString {
        switch self {
        case .user: "the socket's owner"
        case .namespace: "its network namespace"
        case .cgroup: "its control group"
        case .descriptor: "the descriptor of the call"
        }
    }

    /// Its key in JSON, with the comma before and the colon behind it.
    package var jsonKey: StaticString {
        switch self {
        case .user: ",\"uid\":"
        case .namespace: ",\"netns\":"
        case .cgroup: ",\"cgroup\":"
        case .descriptor: ",\"fd\":"
        }
    }

    /// Its value; nil where it is not known.
    package func value(of details: borrowing EventDetails) -> UInt64? {
        switch self {
        case .user: details.user.map { UInt64($0) }
        case .namespace: details.namespace.map { UInt64($0) }
        case .cgroup: details.cgroup
        case .descriptor: details.descriptor.map { UInt64($0) }
        }
    }
}
