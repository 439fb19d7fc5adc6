internal import SocketAliases

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
        }
        layout[.iteratorCount] = iterations.iteratorCount
        if let file = iterations.file(sockets.samples) {
            layout[.kiocbFile] = file.file
            layout[.filePrivateData] = file.privateData
        }
        let flags = FlagSearch(trials: flagTrials, samples: sockets.samples, wordSize: sockets.wordSize)
        layout[.socketFlags] = flags.flags
        layout.flagSpec = flags.flags.map { flags.names(at: $0).description }.flatMap { $0.isEmpty ? nil : $0 }
        return layout
    }
}
