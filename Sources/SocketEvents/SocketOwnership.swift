internal import ProbeContract
internal import RingBuffer

/// Whose a socket is, as far as that is known; none of it changes while the socket lives.
///
/// It is handed from the records to the events as one value: what is added to it needs a line in each part of this file, and
/// none in the table of sockets or the plans of records.
package struct SocketOwnership: Sendable, Equatable {
    /// The owner of the inode: a user number of the initial namespace.
    package var user: UInt32?
    /// The inode number of the network namespace.
    package var namespace: UInt32?
    /// The inode number of the control group's directory below the mount of cgroup2: that of the task that made the socket,
    /// when it did; of a connection that TCP accepted, that of the socket that listened (sk_alloc, sk_clone_lock in
    /// net/core/sock.c).
    package var cgroup: UInt64?

    /// Nothing is known.
    package init() {}

    /// What another knows counts for more.
    mutating func learn(_ newer: SocketOwnership) {
        user = newer.user ?? user
        namespace = newer.namespace ?? namespace
        cgroup = newer.cgroup ?? cgroup
    }

    /// What a connection has of the socket that listened; its user is who accepts it.
    mutating func inherit(_ listener: SocketOwnership) {
        namespace = listener.namespace ?? namespace
    }
}

/// Where it lies in the records of one event.
struct OwnershipPlan: Sendable {
    var user = FieldPlan.absent
    var namespace = FieldPlan.absent
    var cgroup = FieldPlan.absent
    var cgroupPointer = FieldPlan.absent

    /// By the names of the fields.
    static var numbers: [(String, WritableKeyPath<OwnershipPlan, FieldPlan>)] {
        [
            (ProbeField.user, \.user), (ProbeField.networkNamespace, \.namespace), (ProbeField.cgroup, \.cgroup),
            (ProbeField.cgroupPointer, \.cgroupPointer),
        ]
    }

    /// What events tell whose records have these.
    var shownFields: Set<OptionalField> {
        var fields: Set<OptionalField> = []
        if user.isPresent { fields.insert(.user) }
        if namespace.isPresent { fields.insert(.namespace) }
        if cgroup.isPresent { fields.insert(.cgroup) }
        return fields
    }

    /// - Parameters:
    ///   - hasSocket: what lies behind the socket was fetched; behind a null pointer nothing is, and the bytes are those of
    ///     an older record.
    ///   - number: reads a field.
    func read(hasSocket: Bool, _ number: (FieldPlan) -> UInt64?) -> SocketOwnership {
        var ownership = SocketOwnership()
        if hasSocket { ownership.user = number(user).map { UInt32(truncatingIfNeeded: $0) } }
        ownership.namespace = number(namespace).map { UInt32(truncatingIfNeeded: $0) }
        // Up to 5.15 the lowest bits say that this is something else, or a group that does not count (sock_cgroup_ptr).
        if let pointer = number(cgroupPointer), pointer != 0, pointer & 3 == 0 { ownership.cgroup = number(cgroup) }
        return ownership
    }
}
