internal import LinuxSystem
internal import SocketEvents

/// Whether sockets are of the control groups that are wanted.
struct ControlGroupJudge {
    private let patterns: [ControlGroupPattern]
    /// Where groups can be looked for; nil of a recording.
    private let groups: ControlGroups?
    private var paths: [UInt64: String]
    private var verdicts: [UInt64: Bool] = [:]

    /// - Parameters:
    ///   - patterns: one at least.
    ///   - paths: what a recording says of groups.
    init(_ patterns: [ControlGroupPattern], isLive: Bool, paths: [UInt64: String]) {
        self.patterns = patterns
        groups = isLive && patterns.contains(where: \.goesByPath) ? ControlGroups() : nil
        self.paths = paths
    }

    /// Whether a group is wanted; never one that is not known.
    mutating func wants(_ number: UInt64?) -> Bool {
        guard let number else { return false }
        if let verdict = verdicts[number] { return verdict }
        // A group is there before its first socket: one that is not found now is gone, and will not be found later.
        if paths[number] == nil, let groups { paths = groups.paths() }
        let path = paths[number]
        let verdict = patterns.contains { $0.matches(number, path: path) }
        verdicts[number] = verdict
        return verdict
    }
}
