internal import ProbeContract

/// A set of kinds of operations, in two bytes.
struct OperationKindSet: Sendable {
    private var bits: UInt16 = 0

    /// Those that are to be in it.
    init(where isIncluded: (OperationKind) -> Bool) {
        for direction in OperationKind.allCases where isIncluded(direction) { bits |= 1 << UInt16(direction.rawValue) }
    }

    private init(bits: UInt16) { self.bits = bits }

    /// These kinds; without a collection, as pairing asks per record.
    @inline(__always)
    init(_ one: OperationKind, _ other: OperationKind) {
        self.init(bits: 1 &<< UInt16(one.rawValue) | 1 &<< UInt16(other.rawValue))
    }

    /// Those within which TCP changes its state from CLOSE to another.
    static var changingTCP: OperationKindSet {
        OperationKindSet(bits: OperationKindSet(.connect, .listen).bits | OperationKindSet(.send, .send).bits)
    }

    @inline(__always)
    func contains(_ rawKind: UInt8) -> Bool { bits &>> UInt16(rawKind) & 1 != 0 }
}

extension OperationKind {
    /// Those that fire when such an operation begins, as told from its outermost frame.
    var entryAliases: AliasSet {
        switch self {
        case .send: AliasSet([.sendmsg, .aioWrite, .writev])
        case .receive: AliasSet([.recvmsg, .aioRead, .readv])
        case .context: []
        case .connect: AliasSet([.connect])
        case .accept: AliasSet([.accept])
        case .bind: AliasSet([.bind])
        case .listen: AliasSet([.listen])
        case .shutdown: AliasSet([.shutdown])
        case .create: AliasSet([.create])
        case .close: AliasSet([.close])
        }
    }

    /// Those that fire when such an operation ends, as told from its outermost frame; but for the message itself.
    var returnAliases: AliasSet {
        switch self {
        case .send: AliasSet([.sendmsgReturn, .aioWriteReturn, .writevReturn])
        case .receive: AliasSet([.recvmsgReturn, .aioReadReturn, .readvReturn])
        case .context: []
        case .connect: AliasSet([.connectReturn, .connected])
        case .accept: AliasSet([.acceptReturn])
        case .bind: AliasSet([.bindReturn])
        case .listen: AliasSet([.listenReturn])
        case .shutdown: AliasSet([.shutdownReturn])
        case .create: AliasSet([.createReturn])
        case .close: AliasSet([.closeReturn])
        }
    }
}
