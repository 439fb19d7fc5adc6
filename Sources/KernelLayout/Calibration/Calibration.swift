package import SocketNames

/// What the experiments showed, and the layout that follows from them.
package struct Calibration: Sendable {
    package var sockets: SocketSearch
    package var iterations: IterationSearch
    package var flagTrials: [FlagTrial]

    package init(sockets: SocketSearch, iterations: IterationSearch, flagTrials: [FlagTrial] = []) {
        self.sockets = sockets
        self.iterations = iterations
        self.flagTrials = flagTrials
    }

    /// Every member that exactly one place explains. The others are missing: nothing is guessed.
    package var layout: StructLayout {
        var layout = StructLayout()
        layout[.socketState] = sockets.state
        layout[.socketType] = sockets.type
        layout[.messageCount] = sockets.messageCount
        if let operations = sockets.operations {
            layout[.socketOps] = operations.ops
            layout[.opsFamily] = operations.family
        }
        if let sock = sockets.sock {
            layout[.socketSock] = sock.sock
            layout[.sockProtocol] = sock.protocol
            layout.places.merge(sockets.endpoints(behind: sock.sock.offset)) { first, _ in first }
        }
        layout.places.merge(sockets.inode) { first, _ in first }
        layout[.iteratorCount] = iterations.iteratorCount
        if let file = iterations.file(sockets.samples) {
            layout[.kiocbFile] = file.file
            layout[.filePrivateData] = file.privateData
        }
        layout[.socketFlags] = flagSearch.flags
        layout.flagNames = layout[.socketFlags].flatMap { flagNames(at: $0) }
        return layout
    }

    /// What the bits of `socket.flags` mean, given its place; nil where nothing is known of any.
    package func flagNames(at place: StructLayout.Place) -> SocketFlagNames? {
        let names = flagSearch.names(at: place)
        return names == .unknown ? nil : names
    }

    private var flagSearch: FlagSearch {
        FlagSearch(trials: flagTrials, samples: sockets.samples, wordSize: sockets.wordSize)
    }
}
