internal import BasicContainers
internal import SocketEvents

/// Takes out of batches what a selection does not want. Batches come in the order of the trace.
struct EventSelector {
    private let filter: EventFilter
    private let window: TimeWindow
    private let cpus: CPUList?
    private var owners: ProcessOwners?
    /// Whose sockets are wanted; nil for all.
    private let socketUsers: Set<UInt32>?
    /// Whether sockets are wanted that have these ends or owners, and which details of the current batch have.
    private let asksForDetails: Bool
    /// The control groups wanted; nil for all.
    private var cgroups: ControlGroupJudge?
    private var wantedDetails: [Bool] = []

    /// Neither the filter nor the users leave anything out.
    let passesAll: Bool
    /// Nothing can be left out.
    private let isEverything: Bool

    private var hasBegun = false
    private var isOver = false
    /// Losses before the first event of the window: some of what is missing may belong to it.
    private var pending: [TraceBatch.Loss] = []

    /// Losses in a row, without an event between them, that are shown at the beginning of the window; of more, the last.
    private static let pendingLimit = 256

    /// The tasks of the scope are the decoder's to tell.
    /// - Parameters:
    ///   - isLive: /proc knows the processes.
    ///   - groupPaths: what a recording says of control groups.
    init(_ selection: EventSelection, isLive: Bool = true, groupPaths: [UInt64: String] = [:]) {
        filter = selection.filter ?? EventFilter()
        window = selection.window
        cpus = selection.cpus
        owners = isLive ? selection.users.map { ProcessOwners(users: $0) } : nil
        socketUsers = isLive ? nil : selection.users
        passesAll = filter.isEmpty && socketUsers == nil
        cgroups =
            filter.cgroups.isEmpty ? nil : ControlGroupJudge(filter.cgroups, isLive: isLive, paths: groupPaths)
        asksForDetails = !filter.ends.isEmpty || socketUsers != nil || !filter.cgroups.isEmpty
        isEverything = passesAll && window == TimeWindow() && cpus == nil && owners == nil
    }

    /// What is known of processes may have changed since the last call.
    mutating func beginRound() { owners?.beginRound() }

    /// Leaves in a batch what is wanted.
    mutating func apply(to batch: inout TraceBatch) {
        if isEverything { return }
        if asksForDetails { judgeDetails(of: batch) }
        batch.keep { event, losses in
            takes(event, &losses)
        } loss: { loss, losses in
            take(loss, &losses)
        }
    }

    private mutating func takes(_ event: borrowing SocketEvent, _ losses: inout TraceBatch.KeptLosses) -> Bool {
        let (time, cpu) = (event.time, event.cpu)
        if time < window.since {
            if !pending.isEmpty { pending.removeAll() }
            return false
        }
        // An entry may be told after later events, so there is no end after which nothing would come.
        isOver = time > window.until
        guard !isOver else { return false }
        hasBegun = true
        if !pending.isEmpty {
            for loss in pending { losses.append(loss) }
            pending.removeAll()
        }
        if let cpus, !cpus.contains(cpu) { return false }
        if !passesAll, !filter.accepts(event) { return false }
        if asksForDetails {
            let place = Int(event.details)
            let takesUnknown = filter.ends.acceptsUnknown && socketUsers == nil && filter.cgroups.isEmpty
            guard wantedDetails.indices.contains(place) ? wantedDetails[place] : takesUnknown else { return false }
        }
        return owns(event)
    }

    /// Events share what they know of their sockets: each is looked at once.
    private mutating func judgeDetails(of batch: borrowing TraceBatch) {
        wantedDetails.removeAll(keepingCapacity: true)
        for place in 0..<batch.detailsCount {
            let isOwned = socketUsers.map { users in batch.details[place].user.map(users.contains) ?? false } ?? true
            let isWanted = isOwned && filter.ends.accepts(batch.details[place])
            wantedDetails.append(isWanted && cgroups?.wants(batch.details[place].cgroup) ?? true)
        }
    }

    private mutating func owns(_ event: borrowing SocketEvent) -> Bool {
        guard owners != nil else { return true }
        let (process, thread) = (event.pid, event.tid)
        return owners?.includes(process ?? thread) == true
    }

    private mutating func take(_ loss: TraceBatch.Loss, _ losses: inout TraceBatch.KeptLosses) {
        guard !isOver, cpus?.contains(loss.cpu) != false else { return }
        if hasBegun || window.since == 0 { return losses.append(loss) }
        if pending.count == Self.pendingLimit { pending.removeFirst() }
        pending.append(loss)
    }
}
