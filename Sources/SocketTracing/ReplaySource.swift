internal import RingBuffer

/// Where a replay's sub-buffers come from: files, a stream, or a file that is still recorded.
struct ReplaySource: ~Copyable, PageSource {
    private var files: FileSource?
    private var stream: StreamSource?
    private var followed: FollowSource?

    init(_ files: consuming FileSource) {
        self.files = consume files
    }

    init(_ stream: consuming StreamSource) {
        self.stream = consume stream
    }

    init(_ followed: consuming FollowSource) {
        self.followed = consume followed
    }

    /// More may come: what is there is to be shown.
    var isStream: Bool {
        switch files {
        case .none: true
        case .some: false
        }
    }

    /// The files; nil of what still comes.
    var pages: FilePages? {
        switch files {
        case .none: nil
        case .some(let files): files.pages
        }
    }

    var streamCount: Int {
        switch files {
        case .none: 0
        case .some(let files): files.streamCount
        }
    }

    /// What the recorder noted at the end of what was read as it came.
    var ending: RecordingMetadata? {
        switch stream {
        case .none: endingOfFollowed
        case .some(let stream): stream.ending
        }
    }

    private var endingOfFollowed: RecordingMetadata? {
        switch followed {
        case .none: nil
        case .some(let followed): followed.ending
        }
    }

    private var damageOfFollowed: [String] {
        switch followed {
        case .none: []
        case .some(let followed): followed.damage
        }
    }

    var damage: [String] {
        switch stream {
        case .none: pages?.damage ?? damageOfFollowed
        case .some(let stream):
            stream.isCutShort
                ? [
                    "the stream ended before the recording did: the rest is missing, and events after "
                        + "\(stream.horizon) ns of the trace clock may lack their beginning or end"
                ] : []
        }
    }

    /// Waits for more.
    /// - Returns: the time up to which all records have come; nil where there is no more. Files have one round.
    mutating func nextRound() throws(TracingError) -> UInt64? {
        if let time = try stream?.nextRound() { return time }
        return try followed?.nextRound()
    }

    /// The time up to which what follows repeats what was read before; nil where it does not.
    mutating func takeBorder() -> UInt64? { followed?.takeBorder() }

    mutating func fill(stream index: Int, of store: borrowing PageStore) throws(TracingError) -> Range<Int> {
        guard isStream else { return try files?.fill(stream: index, of: store) ?? 0..<0 }
        let slot = store.slot(of: index)
        let room = store.memory.room(slot)
        var count = stream?.fill(cpu: index, room: room) ?? 0
        if let more = try followed?.fill(cpu: index, room: room) { count = more }
        return store.memory.region(slot, count: count)
    }
}
