/// What was seen of a read or write of one of our sockets: `sock_read_iter(kiocb, iov_iter)`.
package struct KiocbSample: Sendable {
    /// Bytes that the call asked for; nil where the kernel chose.
    package var length: UInt64?
    /// The socket behind the descriptor.
    package var socket: SocketSample
    /// The beginning of the `struct kiocb`.
    package var control: MemoryDump
    /// The beginning of the `struct iov_iter`.
    package var iterator: MemoryDump
    /// What lies behind the pointers in the kiocb, by their offset.
    package var behind: [Int: MemoryDump] = [:]

    package init(length: UInt64?, socket: SocketSample, control: MemoryDump, iterator: MemoryDump) {
        self.length = length
        self.socket = socket
        self.control = control
        self.iterator = iterator
    }
}

/// Finds the file in a kiocb, the socket in the file, and the count in an iterator.
package struct IterationSearch: Sendable {
    package var samples: [KiocbSample]
    package let wordSize: Int

    package init(_ samples: [KiocbSample], wordSize: Int) {
        self.samples = samples
        self.wordSize = wordSize
    }

    package var iteratorCount: StructLayout.Place? {
        let known = samples.compactMap { sample in sample.length.map { Observation(sample.iterator, holds: $0) } }
        return known.place(widths: [wordSize], distinct: 3)
    }

    /// Words that may be `kiocb->ki_filp`: one file for each socket.
    package var fileCandidates: [Int] {
        samples.map(\.control).pointerOffsets(wordSize: wordSize).filter { offset in
            let pairs = samples.map { ($0.socket.address, $0.control.integer(at: offset, width: wordSize) ?? 0) }
            let bySocket = Dictionary(grouping: pairs, by: \.0).values.map { Set($0.map(\.1)) }
            return bySocket.allSatisfy { $0.count == 1 } && Set(pairs.map(\.1)).count == bySocket.count
        }
    }

    /// Words of the kiocb that always equal a word of the socket, which then is `socket->file`.
    package var fileWords: [(control: Int, socket: Int)] {
        fileCandidates.flatMap { control in
            samples.map(\.socket.memory).pointerOffsets(wordSize: wordSize).filter { word in
                samples.allSatisfy { sample in
                    sample.control.integer(at: control, width: wordSize)
                        == sample.socket.memory.integer(at: word, width: wordSize)
                }
            }.map { (control, $0) }
        }
    }

    /// The pointer behind which the socket's address lies, and where it lies there.
    /// - Parameter sockets: samples with what lies behind their words, `socket->file` among them.
    package func file(_ sockets: [SocketSample]) -> (file: StructLayout.Place, privateData: StructLayout.Place)? {
        let found = fileCandidates.compactMap {
            offset -> (file: StructLayout.Place, privateData: StructLayout.Place)? in
            var memories = samples.compactMap { sample in
                sample.behind[offset].map { Observation($0, holds: sample.socket.address) }
            }
            for pair in fileWords where pair.control == offset {
                memories += sockets.compactMap { sample in
                    sample.behind[pair.socket].map { Observation($0, holds: sample.address) }
                }
            }
            guard let place = memories.place(widths: [wordSize], distinct: 3) else { return nil }
            return (.init(offset: offset, width: wordSize, source: .calibrated), place)
        }
        return found.count == 1 ? found[0] : nil
    }
}
