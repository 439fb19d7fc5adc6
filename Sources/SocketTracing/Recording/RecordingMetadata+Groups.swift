internal import LinuxSystem

extension RecordingMetadata {
    /// Bytes that the paths of control groups may take: the metadata have a room of a fixed size.
    static let groupRoom = 256 << 10

    /// Notes the groups that there are now beside those that there were: what is gone by the end has sockets, too.
    /// - Parameter groups: where they are looked for; nil where nobody wants them.
    mutating func note(_ groups: ControlGroups?) {
        guard let groups else { return }
        var room = Self.groupRoom
        groupPaths.merge(groups.paths()) { $1 }
        // Where there is no room for all, the latest ones are left out. A path may be written as hexadecimal digits.
        groupPaths = groupPaths.sorted { $0.key < $1.key }.reduce(into: [:]) { kept, group in
            room -= 2 * group.value.utf8.count + 40
            if room >= 0 { kept[group.key] = group.value }
        }
    }
}
