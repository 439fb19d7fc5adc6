internal import BasicContainers
internal import ProbeContract
package import RingBuffer

/// Decoding for whoever decides which records are worth keeping: record by record, so that it is known what each did.
///
/// Beside the ordinary loop, which it leaves as it is. Of this machine's byte order only: what is sifted is recorded here.
extension SocketDecoder {
    /// Decodes until a stream is hungry, so many records were sifted, or nothing is left before the merge's horizon.
    /// - Parameters:
    ///   - sieve: gets each record's part in operations.
    ///   - output: memory for the events of one record.
    ///   - passes: whether any of the events of a record is wanted; may change them.
    package mutating func sift(
        _ merge: inout RecordMerge, in bytes: RawSpan, through sieve: inout RecordSieve, count: Int,
        into output: inout TraceBatch, passes: (inout TraceBatch) -> Bool
    ) -> Stop {
        let table = plans
        for _ in 0..<count {
            if tasks.isFullOfEnded { forgetEnded(all: false) }
            output.clear()
            batches &+= 1
            output.serial = batches
            switch merge.next(in: bytes) {
            case .record:
                let place = (merge.current.payload, merge.current.payloadLength)
                var effect = decode(
                    place, time: merge.current.time, stream: merge.stream, in: bytes, table, into: &output)
                if effect.part != .none, output.eventCount > 0, !effect.isLasting {
                    effect.isLasting = passes(&output)
                }
                sieve.add(effect, stream: merge.stream)
            case .loss:
                loss(count: merge.current.lostCount, stream: merge.stream, into: &output)
                sieve.lose(stream: merge.stream)
            case .hungry(let stream): return .hungry(stream: stream)
            case .done: return .done
            }
        }
        return .full
    }

    /// Decodes one record, and says what it did.
    private mutating func decode(
        _ place: (offset: Int, count: Int), time: UInt64, stream index: Int, in bytes: RawSpan,
        _ table: EventPlanTable, into output: inout TraceBatch
    ) -> RecordEffect {
        var stream = streams[index]
        defer { streams[index] = stream }
        // Nothing is dropped before it is known anew what each task and socket is at.
        let isDoubtful = pairing.openLosses > 0
        if stream.lossIsOpen {
            stream.lossIsOpen = false
            pairing.openLosses -= 1
            pairing.forgetAllSockets()
        }
        stream.records &+= 1
        guard let payload = RecordPayload(at: place.offset, count: place.count, in: bytes) else { return .foreign }
        let plan = Int(table.indices[Int(payload.load(at: 0, as: UInt16.self))])
        guard plan != EventPlanTable.none else { return .foreign }
        guard payload.count >= table.plans[plan].minimumLength else {
            record(payload, time: time, &stream, table, into: &output, HostByteOrder.self)
            return .foreign
        }
        let task = taskIndex(of: payload, table, plan, &stream, HostByteOrder.self)
        let before = state(of: task)
        record(payload, time: time, &stream, table, into: &output, HostByteOrder.self)
        let after = state(of: task)
        guard tasks[task].scope == .included else { return .foreign }
        var effect = RecordEffect(part: RecordEffect.Part(table.plans[plan].kind), task: task)
        (effect.depthBefore, effect.depthAfter) = (before.depth, after.depth)
        effect.isLasting = isDoubtful || before.isOrphaned || before.rest != after.rest || Self.tellsMore(output)
        return effect
    }

    /// What of the decoder's state may outlive a message.
    private struct State {
        var depth: UInt8
        /// The task's next operation ends the series of returns without entries that are counted as one.
        var isOrphaned: Bool
        var rest: Rest

        struct Rest: Equatable {
            var stackKnownAt: UInt64
            var socketChanges: UInt64
            var attempts: Int
            /// Counts that the closing report shows.
            var irregularities: UInt64
        }
    }

    private func state(of task: Int) -> State {
        let counts = pairing.statistics
        return State(
            depth: tasks[task].depth, isOrphaned: tasks[task].isOrphaned,
            rest: State.Rest(
                stackKnownAt: tasks[task].stackKnownAt, socketChanges: pairing.sockets.changes,
                attempts: pairing.attempts.count,
                irregularities: counts.missedReturns &+ counts.begunBeforeTrace &+ counts.unpairedReturns
                    &+ counts.uncertainPairs &+ counts.malformed))
    }

    /// A record of a message shows the outcome of something else: of an attempt to connect.
    private static func tellsMore(_ output: borrowing TraceBatch) -> Bool {
        for index in 0..<output.eventCount where !AliasSet.messages.contains(output.events[index].alias) { return true }
        return false
    }
}

extension AliasSet {
    /// Those that tell of messages.
    package static let messages = AliasSet([
        .send, .receive, .sendmsg, .sendmsgReturn, .recvmsg, .recvmsgReturn, .aioWrite, .aioWriteReturn, .aioRead,
        .aioReadReturn, .writev, .writevReturn, .readv, .readvReturn, .writeIter, .writeIterReturn, .readIter,
        .readIterReturn,
    ])
}

/// What a record did to what the decoder knows.
struct RecordEffect {
    /// The part of a record in a message.
    enum Part {
        /// None: it says what a task or a socket is.
        case none
        case entry
        case `return`
        /// It says more of the message that is open, or is a message by itself.
        case within

        init(_ kind: EventPlan.Kind) {
            switch kind {
            case .entry(let role): self = role.isOfMessages ? .entry : .none
            case .return(let role): self = role.isOfMessages ? .return : .none
            case .call(let role): self = role.isOfMessages ? .within : .none
            case .message: self = .within
            case .notice(let notice):
                switch notice {
                case .datagramSent, .datagramReceived, .messageSent, .messageReceived: self = .within
                case .made, .paired, .grafted, .accepted, .listed, .connecting, .tcpEnded, .tcpChanged: self = .none
                }
            case .newTask, .renameTask, .endTask, .kernelEvent: self = .none
            }
        }
    }

    var part: Part
    /// The slot of the task that wrote it; -1 where that is of no interest.
    var task: Int
    /// Frames that the task had open.
    var depthBefore: UInt8 = 0
    var depthAfter: UInt8 = 0
    /// Without it something else than its message would be read otherwise, or an event is wanted.
    var isLasting = false

    /// Of an event that is not known, or of a task that is of no interest.
    static var foreign: RecordEffect { RecordEffect(part: .none, task: -1) }
}

extension FrameRole {
    /// Its frames belong to messages, or lie around them.
    fileprivate var isOfMessages: Bool {
        switch kind {
        case .send, .receive, .context: true
        case .create, .close, .connect, .accept, .bind, .listen, .shutdown: false
        }
    }
}
