internal import Interning
internal import SocketEvents
internal import SocketNames

/// What the messages of one group have in common. Members that the summary does not go by are unknown.
struct GroupKey: InternerKey {
    var comm: UInt64 = 0
    var commEnd: UInt64 = 0
    var socket: UInt64 = 0
    var pid: Int32 = 0
    var family: Int32 = 0
    var `protocol`: Int32 = 0
    var type: Int32 = 0
    /// The positive error number; 0 for success.
    var error: Int32 = 0
    /// How many sockets at that address were closed before.
    var life: Int32 = 0
    /// The number of the recording, in a summary by it; else 0.
    var source: Int32 = 0
    /// The numbers of what a summary knows of the socket's ends.
    var ends = EndTable.Ends()
    var direction = SummaryDirection.send
    /// Which of the above are known.
    var known: Alias.Arguments = []

    /// - Parameter wanted: what the summary goes by.
    @inline(__always)
    init(_ event: borrowing SocketEvent, by wanted: Alias.Arguments) {
        direction = event.alias == .send ? .send : event.alias == .receive ? .receive : .other
        if wanted.contains(.pid), let pid = event.pid {
            self.pid = pid
            known.insert(.pid)
        }
        if wanted.contains(.comm), let name = event.comm {
            (comm, commEnd) = name.words
            known.insert(.comm)
        }
        if wanted.contains(.family), let family = event.family {
            self.family = family
            known.insert(.family)
        }
        if wanted.contains(.protocol), let number = event.protocol {
            self.protocol = number
            known.insert(.protocol)
            // The same number is another protocol's in another family.
            if !wanted.contains(.family) { family = ProtocolNames.commonFamily(event.family) }
        }
        if wanted.contains(.type), let type = event.type {
            self.type = type
            known.insert(.type)
        }
        if wanted.contains(.socket), let socket = event.socket {
            self.socket = socket
            known.insert(.socket)
        }
        if wanted.contains(Alias.Arguments(.error)), let success = event.success {
            if success {
                known.insert(Alias.Arguments(.error))
            } else if let number = event.errorNumber {
                error = number
                known.insert(Alias.Arguments(.error))
            }
        }
    }

    @inline(__always)
    static func == (left: GroupKey, right: GroupKey) -> Bool {
        let numbers = (left.pid ^ right.pid) | (left.family ^ right.family) | (left.type ^ right.type)
        let others =
            (left.protocol ^ right.protocol) | (left.error ^ right.error) | (left.life ^ right.life)
            | (left.source ^ right.source) | left.ends.difference(right.ends)
        let words = (left.comm ^ right.comm) | (left.commEnd ^ right.commEnd) | (left.socket ^ right.socket)
        return (words | UInt64(UInt32(bitPattern: numbers | others))) == 0 && left.known == right.known
            && left.direction == right.direction
    }

    @inline(__always)
    func hash(_ multiplier: UInt64) -> UInt64 {
        let numbers = UInt64(UInt32(bitPattern: pid)) << 32 | UInt64(UInt32(bitPattern: error))
        let kind = UInt64(UInt32(bitPattern: family)) << 32 | UInt64(UInt32(bitPattern: self.protocol))
        let rest =
            UInt64(UInt32(bitPattern: type ^ life << 8 ^ source << 24)) << 32 ^ known.rawValue << 2
            ^ UInt64(direction.rawValue)
        // A sum of products with different multipliers: unlike a chain of mixing steps, they are made at the same time.
        let first = comm &* multiplier &+ commEnd &* (multiplier &* 0x9e37_79b9_7f4a_7c15)
        let second = socket &* (multiplier &* 0xff51_afd7_ed55_8ccd) &+ numbers &* (multiplier &* 0xc4ce_b9fe_1a85_ec53)
        let third = kind &* (multiplier &* 0x94d0_49bb_1331_11eb) &+ rest &* (multiplier &* 0xbf58_476d_1ce4_e5b9)
        let sum = first &+ second &+ third &+ ends.mixed &* (multiplier &* 0xa076_1d64_78bd_642f)
        return (sum ^ sum >> 32) &* multiplier >> 32
    }
}

/// An error in a group.
struct ErrorKey: InternerKey {
    var group: Int32
    var error: Int32

    func hash(_ multiplier: UInt64) -> UInt64 {
        let both = UInt64(UInt32(bitPattern: group)) << 32 | UInt64(UInt32(bitPattern: error))
        return (both &* multiplier) >> 32
    }
}
