internal import SocketNames
import SocketEvents

@testable import ProbePlanning
@testable import KernelLayout

/// A kernel of our own making: structs with members wherever a test wants them, and noise everywhere else.
struct MadeUpKernel {
    var state = (offset: 0, width: 4)
    var type = (offset: 4, width: 2)
    var flags = 8
    var file = 16
    var sock = 24
    var ops = 32
    var family = (offset: 0, width: 4)
    /// `sk_protocol`, and the socket's own address behind `sk`.
    var protocolPlace = (offset: 516, width: 2)
    var backPointer = 600
    var messageCount = 32
    var iteratorCount = 16
    var filePointer = 0
    var privateData = 200
    /// Copies of the file pointer that happen to lie beside the kiocb.
    var strayFilePointers: [Int] = []
    var passCredBit: Int? = 3

    private static let word = 8

    /// Sockets of all kinds: two of each, so that there are equals among them.
    func sockets(random: inout some RandomNumberGenerator) -> [SocketSample] {
        let kinds: [(SocketSample.Kind, Int32?)] = [
            (.init(family: 1, type: 1, protocol: nil), 1), (.init(family: 1, type: 2, protocol: nil), 1),
            (.init(family: 1, type: 5, protocol: nil), nil), (.init(family: 16, type: 3, protocol: 0), 1),
            (.init(family: 16, type: 2, protocol: 15), 1), (.init(family: 2, type: 1, protocol: 6), 1),
            (.init(family: 2, type: 1, protocol: 6), 3), (.init(family: 2, type: 2, protocol: 17), 1),
            (.init(family: 2, type: 3, protocol: 253), 1), (.init(family: 10, type: 3, protocol: 201), 1),
        ]
        var operations: [SocketSample.Kind: UInt64] = [:]
        var samples: [SocketSample] = []
        for (kind, state) in kinds + kinds {
            let table = operations[kind] ?? 0xffff_ffff_8200_0000 + UInt64(operations.count * 256)
            operations[kind] = table
            samples.append(sample(kind, state, operations: table, number: samples.count, &random))
        }
        return samples
    }

    private func sample(
        _ kind: SocketSample.Kind, _ state: Int32?, operations: UInt64, number: Int,
        _ random: inout some RandomNumberGenerator
    ) -> SocketSample {
        let address = 0xffff_8880_0400_0000 + UInt64(number) * 0x340
        var memory = noise(256, &random)
        memory.put(UInt64(state ?? 1), state: self.state)
        memory.put(UInt64(kind.type), state: type)
        memory.put(0x20, at: flags, width: 8)
        memory.put(pointer(to: .file, number), at: file, width: 8)
        memory.put(pointer(to: .sock, number), at: sock, width: 8)
        memory.put(operations, at: ops, width: 8)
        var message = noise(192, &random)
        let length = UInt64.random(in: 40_001..<200_000, using: &random)
        message.put(length, at: messageCount, width: 8)
        var sample = SocketSample(
            kind: kind, state: state, length: length, address: address, memory: MemoryDump(memory),
            message: MemoryDump(message))
        sample.behind = [
            ops: MemoryDump(operationsTable(kind)), sock: MemoryDump(sock(kind, address, &random)),
            file: MemoryDump(fileMemory(address, &random)),
        ]
        return sample
    }

    private func operationsTable(_ kind: SocketSample.Kind) -> [UInt8] {
        // Function pointers, the same for equals.
        var table = [UInt8](repeating: 0, count: 256)
        for offset in stride(from: 0, to: 256, by: 8) {
            table.put(0xffff_ffff_8100_0000 + UInt64(kind.type) << 8 + UInt64(offset), at: offset, width: 8)
        }
        table.put(UInt64(kind.family), state: family)
        return table
    }

    private func sock(
        _ kind: SocketSample.Kind, _ address: UInt64, _ random: inout some RandomNumberGenerator
    ) -> [UInt8] {
        var memory = noise(1056, &random)
        memory.put(UInt64(kind.protocol ?? 0), state: protocolPlace)
        memory.put(address, at: backPointer, width: 8)
        return memory
    }

    private func fileMemory(_ address: UInt64, _ random: inout some RandomNumberGenerator) -> [UInt8] {
        var memory = noise(496, &random)
        memory.put(address, at: privateData, width: 8)
        return memory
    }

    /// A read from each of the sockets.
    func iterations(of sockets: [SocketSample], random: inout some RandomNumberGenerator) -> [KiocbSample] {
        sockets.enumerated().map { number, socket in
            var control = noise(96, &random)
            for offset in [filePointer] + strayFilePointers {
                control.put(pointer(to: .file, number), at: offset, width: 8)
            }
            var iterator = noise(96, &random)
            let length = UInt64.random(in: 40_001..<200_000, using: &random)
            iterator.put(length, at: iteratorCount, width: 8)
            return KiocbSample(
                length: length, socket: socket, control: MemoryDump(control), iterator: MemoryDump(iterator))
        }
    }

    /// SO_PASSCRED switched on and off again.
    func trials(of sockets: [SocketSample]) -> [FlagTrial] {
        sockets.prefix(3).map { socket in
            var on = socket.memory.bytes
            if let passCredBit { on.put(0x20 | 1 << UInt64(passCredBit), at: flags, width: 8) }
            return FlagTrial(.passCred, off: socket.memory, on: MemoryDump(on), offAgain: socket.memory)
        }
    }

    /// All that calibration would see.
    func calibration(random: inout some RandomNumberGenerator) -> Calibration {
        let sockets = sockets(random: &random)
        return Calibration(
            sockets: SocketSearch(sockets, wordSize: 8),
            iterations: IterationSearch(iterations(of: sockets, random: &random), wordSize: 8),
            flagTrials: trials(of: sockets))
    }

    private enum Target: UInt64 {
        case file = 0xffff_8880_0500_0000
        case sock = 0xffff_8880_0600_0000
    }

    private func pointer(to target: Target, _ number: Int) -> UInt64 {
        target.rawValue + UInt64(number) * 0x1000
    }

    private func noise(_ count: Int, _ random: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}

extension [UInt8] {
    fileprivate mutating func put(_ value: UInt64, state place: (offset: Int, width: Int)) {
        put(value, at: place.offset, width: place.width)
    }

    /// In this machine's byte order, as a dump has it.
    mutating func put(_ value: UInt64, at offset: Int, width: Int) {
        let bytes = Swift.withUnsafeBytes(of: value.littleEndian) { Array($0.prefix(width)) }
        replaceSubrange(offset..<offset + width, with: bytes)
    }
}
