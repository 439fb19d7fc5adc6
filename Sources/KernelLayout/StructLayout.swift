package import SocketNames

/// Where the members that sockftrace reads lie in the traced kernel's structs, in bytes from the start of each.
///
/// Vendors pad structs and randomise their order, so no offset is taken for granted, not even 0: each comes from a
/// source that knows this very kernel.
package struct StructLayout: Sendable, Equatable {
    /// Where an offset is known from.
    package enum Source: String, Sendable {
        /// /sys/kernel/btf/vmlinux.
        case btf
        /// Memory of sockets whose contents we chose.
        case calibrated
        /// Somebody else's word.
        case given
    }

    /// A member's place.
    package struct Place: Sendable, Equatable {
        /// Bytes from the start of the struct to the (aligned) integer that holds the member.
        package var offset: Int
        /// Bytes of that integer.
        package var width: Int
        /// The bits of the integer that are the member, where it is a bit field.
        package var bits: Range<Int>?
        /// How the place became known.
        package var source: Source

        /// A place, offset and width in bytes, bits counted from the least significant one.
        package init(offset: Int, width: Int, bits: Range<Int>? = nil, source: Source) {
            self.offset = offset
            self.width = width
            self.bits = bits
            self.source = source
        }
    }

    /// The members whose place is known.
    package var places: [Member: Place]
    /// Which meaning the bits of `socket.flags` have; nil where unknown.
    package var flagNames: SocketFlagNames?

    /// What is known of a kernel; nothing unless it is given.
    package init(places: [Member: Place] = [:], flagNames: SocketFlagNames? = nil) {
        self.places = places
        self.flagNames = flagNames
    }

    /// Where a member lies; nil where that is not known.
    package subscript(_ member: Member) -> Place? {
        get { places[member] }
        set { places[member] = newValue }
    }

    /// The members whose place is not known, and without which something is unknown of every message.
    package var unknown: [Member] {
        Member.allCases.filter { $0.isEssential && places[$0] == nil }
    }

    /// The control group of a socket can be found.
    package var tellsControlGroups: Bool {
        (self[.sockCgroup] ?? self[.sockCgroupWord]) != nil && self[.cgroupNode] != nil && self[.nodeID] != nil
    }

    /// Where the offsets are known from, in words, as in `from BTF`.
    package var origin: String {
        let sources = Set(places.values.map(\.source))
        var names: [String] = []
        if sources.contains(.btf) { names.append("BTF") }
        if sources.contains(.calibrated) { names.append("calibration") }
        if sources.contains(.given) { names.append("a layout that was given") }
        guard !names.isEmpty else { return "unknown" }
        let missing = unknown.map(\.rawValue)
        return "from " + names.joined(separator: " and ")
            + (missing.isEmpty ? "" : " (unknown: \(missing.joined(separator: ", ")))")
    }
}
