internal import ProbeContract

/// A probed function as pairing sees it, made once of its role: one word, since every entry puts it into a frame.
struct ProbeTraits: Sendable {
    private let bits: UInt64

    private static var routeShift: UInt64 { 8 }
    private static var kindShift: UInt64 { 16 }
    private static var numberShift: UInt64 { 32 }

    private struct Traits: OptionSet {
        let rawValue: UInt64
        static let isSystemCall = Traits(rawValue: 1 << 24)
        static let isIteration = Traits(rawValue: 1 << 25)
        static let learnsSocket = Traits(rawValue: 1 << 26)
        static let isStep = Traits(rawValue: 1 << 27)
    }

    /// - Parameters:
    ///   - number: entry and return events of one function share it.
    ///   - tellsRoute: whatever could be around it would be seen.
    init(_ role: FrameRole, number: UInt16, tellsRoute: Bool) {
        var traits: Traits = []
        if role.isSystemCall { traits.insert(.isSystemCall) }
        if role == .writeIter || role == .readIter { traits.insert(.isIteration) }
        if role.learnsSocket { traits.insert(.learnsSocket) }
        if role.kind.rawValue >= OperationKind.create.rawValue, role != .close { traits.insert(.isStep) }
        let route = tellsRoute ? role.route(inside: nil) : nil
        bits =
            UInt64(role.rawValue) | UInt64(route?.rawValue ?? Route.unknown) << Self.routeShift
            | UInt64(role.kind.rawValue) << Self.kindShift | traits.rawValue
            | UInt64(number) << Self.numberShift
    }

    var role: FrameRole { FrameRole(rawValue: UInt8(truncatingIfNeeded: bits)) ?? .sendmsg }

    /// The way of a message of which this is the outermost frame, with nothing around it, as frames keep it.
    @inline(__always)
    var rawRoute: UInt8 { UInt8(truncatingIfNeeded: bits >> Self.routeShift) }

    @inline(__always)
    var rawKind: UInt8 { UInt8(truncatingIfNeeded: bits >> Self.kindShift) }

    @inline(__always)
    func isOf(_ kind: OperationKind) -> Bool { rawKind == kind.rawValue }

    /// Whether it is the function itself, at its entry or at its return.
    @inline(__always)
    func isSame(_ other: ProbeTraits) -> Bool { bits >> Self.numberShift == other.bits >> Self.numberShift }

    /// It is called by a system call directly.
    @inline(__always)
    var isSystemCall: Bool { bits & Traits.isSystemCall.rawValue != 0 }
    /// Aliases of its own tell of each of its calls.
    @inline(__always)
    var isIteration: Bool { bits & Traits.isIteration.rawValue != 0 }
    /// It belongs to a connect, accept, bind, listen or shutdown.
    @inline(__always)
    var isLife: Bool { rawKind >= OperationKind.connect.rawValue }
    /// It is a step in a socket's life: its records have more to say.
    @inline(__always)
    var isStep: Bool { bits & Traits.isStep.rawValue != 0 }
    /// It knows no socket; a frame inside it brings it.
    @inline(__always)
    var learnsSocket: Bool { bits & Traits.learnsSocket.rawValue != 0 }
}

extension FrameRole {
    /// Its entry knows no socket; a frame inside it brings it.
    fileprivate var learnsSocket: Bool {
        switch self {
        case .sysSendto, .sysRecvfrom, .sysConnect, .connect, .sysAccept, .accept, .sysBind, .bind, .sysListen, .listen,
            .sysShutdown, .shutdown:
            true
        default: false
        }
    }
}
