internal import RingBuffer

/// What a record says, whose length has been held against its plan's.
extension EndpointPlan {
    /// The beginning of a sock; nothing where the event does not have it.
    @inline(__always)
    func readHead<Order: TraceByteOrder>(_ payload: RecordPayload, _: Order.Type) -> SockHead {
        guard head.isPresent else { return SockHead() }
        return SockHead(
            remoteIPv4: bytes4(payload, head.remoteIPv4), localIPv4: bytes4(payload, head.localIPv4),
            remotePort: networkPort(payload, head.remotePort),
            localPort: UInt16(truncatingIfNeeded: head.localPort.load(from: payload, swapped: Order.isSwapped)),
            family: UInt16(truncatingIfNeeded: head.family.load(from: payload, swapped: Order.isSwapped)),
            state: UInt8(truncatingIfNeeded: head.state.load(from: payload, swapped: Order.isSwapped)))
    }

    /// Four bytes as memory has them, whatever the machine's order.
    @inline(__always)
    func bytes4(_ payload: RecordPayload, _ plan: FieldPlan) -> UInt32 {
        plan.isPresent ? UInt32(littleEndian: payload.load(at: plan.offset, as: UInt32.self)) : 0
    }

    /// A number of two bytes in the order of the network.
    @inline(__always)
    func networkPort(_ payload: RecordPayload, _ plan: FieldPlan) -> UInt16 {
        plan.isPresent ? UInt16(bigEndian: payload.load(at: plan.offset, as: UInt16.self)) : 0
    }

    /// Sixteen bytes as memory has them.
    static func bytes16(_ payload: RecordPayload, at offset: Int32) -> (low: UInt64, high: UInt64) {
        (
            UInt64(littleEndian: payload.load(at: Int(offset), as: UInt64.self)),
            UInt64(littleEndian: payload.load(at: Int(offset) + 8, as: UInt64.self))
        )
    }

    static func byte(_ payload: RecordPayload, at offset: Int) -> UInt8 { payload.load(at: offset, as: UInt8.self) }

    /// A number; nil where the event does not have the field.
    func value(_ payload: RecordPayload, _ plan: FieldPlan, swapped: Bool) -> UInt64? {
        plan.isPresent ? plan.load(from: payload, swapped: swapped) : nil
    }

    /// The address that a call was given, or that a socket has; nil where it is not there, of a family whose addresses are
    /// not understood, or cut off.
    func readAddress(_ payload: RecordPayload, swapped: Bool) -> CalledAddress? {
        guard address >= 0, let length = value(payload, length, swapped: swapped) else { return nil }
        let start = Int(address)
        let count = Int(clamping: Int64(bitPattern: length))
        guard count >= 2, addressRoom >= 2 else { return nil }
        let raw = payload.load(at: start, as: UInt16.self)
        let family = Int32(swapped ? raw.byteSwapped : raw)
        guard family != 0 else { return .unspecified }
        // What lies behind the end of the address is whatever was in memory; what lies behind that of the field is unknown.
        guard count <= Int(addressRoom) || family != 1 else { return nil }
        func has(_ size: Int) -> Bool { count >= size && Int(addressRoom) >= size }
        func word(at offset: Int) -> UInt32 {
            let raw = payload.load(at: start + offset, as: UInt32.self)
            return swapped ? raw.byteSwapped : raw
        }
        switch family {
        case 1: return .known(unixName(payload, start + 2, count - 2))
        case 2 where has(8) && count >= 16:
            let port = UInt16(bigEndian: payload.load(at: start + 2, as: UInt16.self))
            let bytes = UInt32(littleEndian: payload.load(at: start + 4, as: UInt32.self))
            return .known(.plain(.ipv4(bytes, port: port)))
        case 10 where has(24):
            let port = UInt16(bigEndian: payload.load(at: start + 2, as: UInt16.self))
            let (low, high) = Self.bytes16(payload, at: Int32(start + 8))
            return .known(.plain(StoredAddress(.ipv6, low: low, high: high, port: UInt32(port))))
        case 16 where has(8):
            return .known(.plain(StoredAddress(.netlink, port: word(at: 4))))
        case 17 where has(8):
            return .known(.plain(StoredAddress(.number, low: UInt64(word(at: 4)))))
        case 40 where has(12):
            return .known(
                .plain(StoredAddress(.number, low: UInt64(word(at: 8)), port: word(at: 4))))
        default: return .other
        }
    }

    /// The name in a `struct sockaddr_un`, whose length counts the family's two bytes, too.
    private func unixName(_ payload: RecordPayload, _ start: Int, _ count: Int) -> SocketAddress {
        let count = min(max(count, 0), SocketAddress.longestName, Int(addressRoom) - 2)
        let bytes = (0..<count).map { Self.byte(payload, at: start + $0) }
        // A path ends with its 0, an abstract name holds what it will.
        guard bytes.first == 0, count > 1 else { return SocketAddress(.path, bytes.prefix { $0 != 0 }) }
        return SocketAddress(.abstractName, bytes.dropFirst())
    }
}

/// The address that a call was given.
enum CalledAddress {
    /// AF_UNSPEC: connect(2) dissolves what was connected.
    case unspecified
    case known(SocketAddress)
    /// Of a family whose addresses are not read, or too short for its family.
    case other

    var address: SocketAddress? {
        if case .known(let address) = self { address } else { nil }
    }
}

extension SocketAddress {
    /// An address that is no name.
    static func plain(_ stored: StoredAddress) -> SocketAddress {
        var address = SocketAddress()
        stored.put(into: &address)
        return address
    }
}
