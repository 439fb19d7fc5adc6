internal import RingBuffer
internal import SocketNames

/// What a record says, whose length has been held against its plan's `minimumLength`.
///
/// Plans are looked at in the table, member by member: a plan at hand as a value would be copied, all 140 bytes of it.
extension EventPlanTable {
    /// What the function returned: bytes or a negative (generic) error number; nil where the event does not tell.
    @inline(__always)
    func result<Order: TraceByteOrder>(of payload: RecordPayload, _ index: Int, _: Order.Type) -> Int64? {
        guard plans[index].result.isPresent else { return nil }
        let value = Int64(bitPattern: plans[index].result.load(from: payload, swapped: Order.isSwapped))
        return numbers.genericResult(plans[index].isSocketCall ? min(value, 0) : value)
    }

    /// Reads the facts that an entry tells, to where they are kept. A value to be copied there would first be written in
    /// small pieces and then read in large ones, for which a processor waits.
    @inline(never)
    func read<Order: TraceByteOrder>(
        _ payload: RecordPayload, _ index: Int, _ order: Order.Type, into frame: inout Frame
    ) {
        @inline(__always) func value(_ field: FieldPlan) -> UInt64 {
            field.load(from: payload, swapped: Order.isSwapped)
        }
        @inline(__always) func narrow(_ field: FieldPlan) -> Int32 { Int32(truncatingIfNeeded: value(field)) }

        frame.descriptor = plans[index].descriptor.isPresent ? narrow(plans[index].descriptor) : -1
        var known = plans[index].facts
        defer { frame.facts.known = known }
        let hasSocket = plans[index].socket.isPresent
        if hasSocket {
            frame.facts.socket = value(plans[index].socket)
            // A null pointer means that there is no socket behind it, and zeros in all fields behind it.
            guard frame.facts.socket != 0 else {
                known = []
                frame.head = SockHead()
                return
            }
        }
        readHead(payload, index, order, &known, into: &frame)
        if plans[index].size.isPresent { frame.facts.size = Int64(bitPattern: value(plans[index].size)) }
        if plans[index].flags.isPresent { frame.facts.flags = value(plans[index].flags) }
        if plans[index].state.isPresent { frame.facts.state = narrow(plans[index].state) }
        if plans[index].type.isPresent { frame.facts.type = narrow(plans[index].type) }
        if plans[index].requester.isPresent { frame.facts.requester = narrow(plans[index].requester) }
        if plans[index].isSocketCall {
            frame.facts.type &= 0xf
            if !plans[index].requester.isPresent { frame.facts.requester = 0 }
        }
        frame.facts.type = numbers.genericType(frame.facts.type)
        // What lies behind a null pointer was not fetched: the bytes are those of an older record.
        if plans[index].family.isPresent, !plans[index].ops.isPresent || value(plans[index].ops) != 0 {
            frame.facts.family = narrow(plans[index].family)
            // AF_UNSPEC is no socket's family; but the argument of a creation, which has no socket yet, may well be 0.
            if frame.facts.family != 0 || !hasSocket { known.insert(.family) }
        }
        if plans[index].protocol.isPresent, !plans[index].sock.isPresent || value(plans[index].sock) != 0 {
            frame.facts.protocol = narrow(plans[index].protocol)
            known.insert(.protocol)
        }
    }

    /// The beginning of the sock, which has the family, too. Of a socket without a sock the bytes are an older record's.
    @inline(__always)
    private func readHead<Order: TraceByteOrder>(
        _ payload: RecordPayload, _ index: Int, _: Order.Type, _ known: inout Alias.Arguments, into frame: inout Frame
    ) {
        guard plans[index].head.isPresent,
            !plans[index].sock.isPresent || plans[index].sock.load(from: payload, swapped: Order.isSwapped) != 0
        else {
            frame.head = SockHead()
            return
        }
        func number(_ field: FieldPlan) -> UInt64 { field.load(from: payload, swapped: Order.isSwapped) }
        func bytes(_ field: FieldPlan) -> UInt32 {
            UInt32(littleEndian: payload.load(at: field.offset, as: UInt32.self))
        }
        frame.head.remoteIPv4 = bytes(plans[index].head.remoteIPv4)
        frame.head.localIPv4 = bytes(plans[index].head.localIPv4)
        let port = payload.load(at: plans[index].head.remotePort.offset, as: UInt16.self)
        frame.head.remotePort = UInt16(bigEndian: port)
        frame.head.localPort = UInt16(truncatingIfNeeded: number(plans[index].head.localPort))
        frame.head.state = UInt8(truncatingIfNeeded: number(plans[index].head.state))
        frame.head.family = UInt16(truncatingIfNeeded: number(plans[index].head.family))
        guard !plans[index].family.isPresent, frame.head.family != 0 else { return }
        frame.facts.family = Int32(frame.head.family)
        known.insert(.family)
    }
}
