package import SocketEvents

/// What a summary groups messages by.
package enum SummaryDimension: String, CaseIterable, Sendable {
    /// The thread's name.
    case comm
    /// The process.
    case pid
    /// The address family.
    case family
    /// The protocol; that of the internet's two families is one.
    case `protocol`
    /// The socket type.
    case type
    /// The kernel's `struct socket`, by its address, from its creation to its close.
    case socket
    /// The error, or that there was none.
    case error
    /// The recording, where there are several.
    case file
    /// The address at the other end, whatever the port.
    case peer
    /// The address and port at the other end.
    case remote
    /// The socket's own address and port.
    case local
    /// The lower one of the ports at both ends, which nearly always is the service's.
    case port
    /// The socket, by the number that ss(8), lsof(8) and /proc/PID/fd show.
    case inode
    /// The socket's control group.
    case cgroup
    /// The socket that listened when the connection was accepted, by its inode.
    case listener

    /// The field of events that it goes by; nil where events do not tell.
    package var field: EventField? {
        switch self {
        case .comm: .comm
        case .pid: .pid
        case .family: .family
        case .protocol: .protocol
        case .type: .type
        case .socket: .socket
        case .error: .error
        case .file: nil
        case .peer, .remote: .remoteAddress
        case .local: .localAddress
        case .port: .localPort
        // It comes with the inode, and only if asked for.
        case .inode, .cgroup: .inode
        case .listener: .listener
        }
    }
}

/// What comes first in a summary: the largest of this.
package enum SummaryOrder: String, CaseIterable, Sendable {
    case messages
    case bytes
    case errors
    /// The 99th percentile of the latency.
    case latency
    case p50
    case p90
    case p99
    case max
    case mean
    /// The sum of all latencies.
    case total
}

/// A form in which a summary can be written.
package enum SummaryFormat: String, CaseIterable, Sendable {
    case text
    case json
    case csv
    /// A log of histograms that the tools of HdrHistogram read.
    case hdr
}

/// What a histogram is of.
package enum HistogramSubject: String, CaseIterable, Sendable {
    case latency
    case size
}

/// What a summary is to show.
package struct SummaryOptions: Sendable {
    /// What messages are grouped by.
    package var dimensions: Set<SummaryDimension> = SummaryOptions.standard
    /// What comes first; groups that are equal in it come in the order of their first messages.
    package var order = SummaryOrder.messages
    /// Only so many groups; nil for all.
    package var top: Int?
    /// Messages sent and received have a line each in text, too.
    package var isSplit = false
    /// How the latencies or sizes are spread; nil for their percentiles alone.
    package var histogram: HistogramSubject?
    /// Connections are counted that were made or accepted.
    package var countsConnections = false
    /// Histograms are wanted in the encoding of HdrHistogram.
    package var encodesHistograms = false
    /// So many messages, the slowest first, in place of groups; nil for groups.
    package var slowest: Int?

    /// The process, by number and name, × family × protocol.
    package static let standard: Set<SummaryDimension> = [.pid, .comm, .family, .protocol]

    /// The standard ones.
    package init() {}

    /// Groups go by the ends of sockets.
    package var looksAtEnds: Bool { dimensions.compactMap(\.field).contains(where: EventField.details.contains) }

    /// What messages need not tell.
    package var unasked: Alias.Arguments {
        if slowest != nil { return [] }
        var unasked: Alias.Arguments = dimensions.contains(.type) ? [.flags, .state] : [.flags, .state, .type]
        if !looksAtEnds { unasked.formUnion(.ends) }
        return unasked
    }
}
