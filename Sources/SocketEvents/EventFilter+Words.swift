extension EventFilter {
    /// The filter that a recording's notes ask for, as words such as `family INET`; what is not understood is passed over.
    package init(noted words: [String]) {
        self.init()
        for word in words {
            let parts = word.split(separator: " ", maxSplits: 1).map(String.init)
            switch (parts.first, parts.dropFirst().first) {
            case ("comm", let name?): add(comm: name)
            case ("family", let name?): try? add(family: name)
            case ("protocol", let name?): try? add(protocol: name)
            case ("type", let name?): try? add(type: name)
            case ("errors", _): errorsOnly = true
            case ("min-size", let bytes?): minimumSize = Int64(bytes)
            case ("error", let name?): try? add(error: name)
            case ("min-latency", let nanoseconds?): minimumLatency = UInt64(nanoseconds)
            case ("exclude", let exclusion?): try? add(exclusion: exclusion)
            case ("port", let port?): if let port = UInt16(port) { ends.ports.append(port) }
            case ("local", let end?): if let end = try? EndpointPattern(end) { ends.locals.append(end) }
            case ("remote", let end?): if let end = try? EndpointPattern(end) { ends.remotes.append(end) }
            case ("cgroup", let group?): if let group = try? ControlGroupPattern(group) { cgroups.append(group) }
            default: continue
            }
        }
    }
}
