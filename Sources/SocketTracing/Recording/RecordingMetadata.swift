internal import PlainText
internal import ProbePlanning
internal import SocketEvents
internal import TraceDat

/// What `record` leaves in a trace.dat beside what the format knows: what a reader cannot learn from the records.
///
/// Lines of text, `KEY VALUE…`, so that it can be read without this code; unknown keys are passed over. trace-cmd and
/// KernelShark do not see it.
struct RecordingMetadata: Sendable, Equatable {
    /// Nanoseconds of the trace clock; what was entered earlier is not told.
    var begin: UInt64 = 0
    /// Name and version of the program that recorded; nil in the files of earlier versions.
    var recorder: String?
    /// The process that recorded.
    var tracer: Int32?
    /// Only what that process started is of interest.
    var followsTracersChildren = false
    /// Only these processes are of interest.
    var processes: Set<Int32>?
    var followsChildren = false
    /// The kernel left out what is not of interest, but for the recorder itself and the kernel's own threads.
    var othersAreLeftOut = false
    /// The tasks that lived when the recording began.
    var tasks: [KnownTask] = []
    /// Threads that slept in a send or receive when the recording began.
    var waiting: UInt64 = 0
    /// What the user asked to be shown of the recording, as words that the command line understands.
    var filters: [String] = []
    /// The process of the command that was recorded. Its birth may never reach the file.
    var command: Int32?
    /// Records that the kernel counted as lost; it knows of more than the pages tell. Nil while nobody has counted.
    var lostRecords: UInt64?
    /// The kernel's counts of records began with the recording. In those of earlier recorders are those of the self-test.
    var countsFromBegin = false
    /// Why the recording ended before it was to, in words.
    var earlyEnd: String?
    /// Nanoseconds from the trace clock to the time since 1970 when the recording began; nil where nobody noted it.
    var wallClock: Int64?
    /// Which boot of the machine it was, as /proc/sys/kernel/random/boot_id says: the trace clocks of two recordings of one
    /// boot are the same.
    var bootID: String?
    /// Call paths, with the functions at which they were seen.
    var choices: [ProbePlan.Choice] = []
    /// What became of known calls before the recording began; nil where none were made, or the recorder noted it in words.
    var selfTest: SelfTestVerdict?
    /// What earlier recorders said of that, in words.
    var selfTestRemark: String?
    /// Where the fields' values came from, in words.
    var origin: String?
    /// Of the machine and its tracefs, for people.
    var remarks: [String] = []
    /// The definitions of the probes, as the kernel took them.
    var probes: [String] = []
    /// Returns that the kernel counted as missed.
    var missedHits: UInt64 = 0
    /// The paths of control groups by their numbers.
    var groupPaths: [UInt64: String] = [:]
    /// What somebody else did to the recording while it was made.
    var disturbances: [Disturbance] = []
    /// The aliases of messages were left out of which no event passes the filters; nil where all is recorded.
    var discarding: [String]?
    /// Records that were left out for that, of each CPU that had some.
    var discarded: [Int: UInt64] = [:]

    /// Where the file goes on from the one before, in nanoseconds of the trace clock: what was recorded earlier, since
    /// `begin`, is in both, and shown of that one; nil where there is none before.
    var continuesAt: UInt64?
    /// Where the next file goes on from this one; nil where there is none.
    var end: UInt64?

    private static let firstLine = "sockftrace notes 1"

    var scope: TaskScope {
        TaskScope(
            processes: processes, followsChildren: followsChildren, tracer: tracer,
            followsTracersChildren: followsTracersChildren, command: command,
            othersAreLeftOut: othersAreLeftOut && (followsChildren || followsTracersChildren))
    }

    /// The same but the tasks, which are what takes room.
    var withoutTasks: RecordingMetadata {
        var notes = self
        notes.tasks = []
        return notes
    }

    /// As bytes of the file.
    var encoded: [UInt8] {
        var lines = [Self.firstLine, "begin \(begin)", "missed \(missedHits)"]
        if let recorder { lines.append("recorder " + recorder.substituting("\n", with: " ")) }
        if let tracer { lines.append("tracer \(tracer)") }
        if followsTracersChildren { lines.append("follow-tracer") }
        if followsChildren { lines.append("follow") }
        if let processes { lines.append("processes " + processes.sorted().map(String.init).joined(separator: " ")) }
        if othersAreLeftOut { lines.append("others-left-out") }
        if let command { lines.append("command \(command)") }
        if let lostRecords { lines.append("lost \(lostRecords)") }
        lines.append("waiting \(waiting)")
        if countsFromBegin { lines.append("counts-from-begin") }
        if let earlyEnd { lines.append("early-end " + earlyEnd.substituting("\n", with: " ")) }
        lines += disturbances.map { "disturbed \($0.words)" }
        if let discarding { lines.append("discards " + discarding.joined(separator: " ")) }
        lines += discarded.sorted { $0.key < $1.key }.map { "discarded \($0.key) \($0.value)" }
        if let continuesAt { lines.append("continues \(continuesAt)") }
        if let end { lines.append("end \(end)") }
        if let wallClock { lines.append("wall \(wallClock)") }
        if let bootID { lines.append("boot \(bootID)") }
        // A thread's name may hold a line end.
        lines += filters.map { $0.contains("\n") ? "filter-hex " + Self.hex($0.utf8) : "filter " + $0 }
        lines += remarks.map { "remark " + $0.substituting("\n", with: " ") }
        lines += choices.map { "path \($0.callPath): \($0.functions.joined(separator: ", "))" }
        lines += (selfTest?.encoded ?? []).map { "self-test " + $0 }
        if let origin { lines.append("origin " + origin) }
        lines += probes.map { "probe " + $0.substituting("\n", with: " ") }
        lines += groupPaths.sorted { $0.key < $1.key }.map { number, path in
            path.contains("\n") ? "cgroup-hex \(number) " + Self.hex(path.utf8) : "cgroup \(number) " + path
        }
        lines += tasks.map {
            "task \($0.tid) \($0.tgid) " + ($0.name.map { name in Self.hex((0..<name.count).map { name[$0] }) } ?? "-")
        }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    init() {}

    /// Nil where the bytes are none of ours. Whatever a line holds, it can only fail to be understood.
    init?(decoding bytes: [UInt8]) {
        var lines = bytes.split(separator: UInt8(ascii: "\n")).makeIterator()
        guard let first = lines.next(), first.elementsEqual(Self.firstLine.utf8) else { return nil }
        while let line = lines.next() {
            let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            guard let key = words.first else { continue }
            // As it stands behind the key and one blank: a name may begin with blanks, and have two in a row.
            let text = String(decoding: line.dropFirst(key.utf8.count + 1), as: UTF8.self)
            switch key {
            case "begin": begin = words.dropFirst().first.flatMap { UInt64($0) } ?? 0
            case "recorder": recorder = text
            case "missed": missedHits = words.dropFirst().first.flatMap { UInt64($0) } ?? 0
            case "command": command = words.dropFirst().first.flatMap { Int32($0) }
            case "lost": lostRecords = words.dropFirst().first.flatMap { UInt64($0) }
            case "counts-from-begin": countsFromBegin = true
            case "early-end": earlyEnd = text
            case "continues": continuesAt = words.dropFirst().first.flatMap { UInt64($0) }
            case "end": end = words.dropFirst().first.flatMap { UInt64($0) }
            case "waiting": waiting = words.dropFirst().first.flatMap { UInt64($0) } ?? 0
            case "wall": wallClock = words.dropFirst().first.flatMap { Int64($0) }
            case "boot": bootID = words.dropFirst().first
            case "probe": probes.append(text)
            case "filter": filters.append(text)
            case "filter-hex": filters.append(String(decoding: Self.bytes(hex: text), as: UTF8.self))
            case "tracer": tracer = words.dropFirst().first.flatMap { Int32($0) }
            case "follow-tracer": followsTracersChildren = true
            case "follow": followsChildren = true
            case "others-left-out": othersAreLeftOut = true
            case "processes": processes = Set(words.dropFirst().compactMap { Int32($0) })
            case "remark": add(remark: text)
            case "path": if let choice = Self.choice(text) { choices.append(choice) }
            case "self-test": selfTest = (selfTest ?? SelfTestVerdict()).adding(encoded: words.dropFirst())
            case "origin": origin = text
            case "discards": discarding = Array(words.dropFirst())
            case "discarded": noteDiscarded(words)
            case "disturbed": if let noted = Disturbance(words: words.dropFirst()) { disturbances.append(noted) }
            case "cgroup": if let group = Self.group(text) { groupPaths[group.number] = group.path }
            case "cgroup-hex":
                if let group = Self.group(text) {
                    groupPaths[group.number] = String(decoding: Self.bytes(hex: group.path), as: UTF8.self)
                }
            case "task": if let task = Self.task(words) { tasks.append(task) }
            case "task-name": if let task = Self.namedTask(line.dropFirst(key.utf8.count + 1)) { tasks.append(task) }
            case "wall-time":
                let times = words.dropFirst().compactMap { Int64($0) }
                if times.count == 2 { wallClock = times[1] &- times[0] }
            default: continue
            }
        }
    }

    /// Earlier recorders noted what they stood on among what is for people.
    private mutating func add(remark: String) {
        if remark.hasPrefix("self-test of ") || remark.hasPrefix("self-test: ") {
            selfTestRemark = remark
        } else if remark.hasPrefix("field offsets ") || remark.hasPrefix("fields from ") {
            origin = remark
        } else {
            remarks.append(remark)
        }
    }

    private mutating func noteDiscarded(_ words: [String]) {
        guard words.count == 3, let cpu = Int(words[1]), let count = UInt64(words[2]) else { return }
        discarded[cpu] = count
    }

    private static func choice(_ text: String) -> ProbePlan.Choice? {
        // No title has a colon.
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let functions = text[text.index(after: colon)...].split { $0 == "," || $0 == " " }.map(String.init)
        return ProbePlan.Choice(callPath: String(text[..<colon]), functions: functions)
    }

    private static func group(_ text: String) -> (number: UInt64, path: String)? {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let number = UInt64(parts[0]) else { return nil }
        return (number, String(parts[1]))
    }

    private static func task(_ words: [String]) -> KnownTask? {
        guard (3...4).contains(words.count), let tid = Int32(words[1]), let tgid = Int32(words[2]) else { return nil }
        // An empty name has no digits, and so is no word.
        let name = words.count == 4 ? words[3] : ""
        return KnownTask(tid: tid, tgid: tgid, name: name == "-" ? nil : TaskName(bytes(hex: name)))
    }

    /// As the shell recorder notes it, which has no hexadecimal digits: TID TGID NAME.
    private static func namedTask(_ line: some Collection<UInt8>) -> KnownTask? {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let tid = Int32(String(decoding: parts[0], as: UTF8.self)),
            let tgid = Int32(String(decoding: parts[1], as: UTF8.self))
        else { return nil }
        return KnownTask(tid: tid, tgid: tgid, name: TaskName(parts[2]))
    }

    /// Two digits a byte: a name may hold anything, line ends included.
    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private static func bytes(hex text: String) -> [UInt8] {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

extension TraceFile {
    /// What its recorder noted; nil where it is none of ours.
    var notes: RecordingMetadata? { extensionData.flatMap { RecordingMetadata(decoding: $0) } }
}
