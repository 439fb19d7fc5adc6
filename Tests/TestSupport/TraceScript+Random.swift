internal import ProbeContract

extension TraceScript {
    /// Tasks that do anything at all, in any order, on two CPUs, with losses.
    /// - Parameter messages: of a hundred steps those that are a whole message instead.
    package static func random(
        records: Int, messages: Int = 0, using random: inout SeededGenerator
    ) -> TraceScript {
        var trace = TraceScript()
        let sockets: [ScriptedSocket] = [.tcp, .udp, .unix, .bare]
        let roles = FrameRole.allCases.filter { $0.rawValue <= FrameRole.close.rawValue }
        for _ in 0..<records {
            trace.tid = .random(in: 0...5, using: &random)
            trace.cpu = .random(in: 0...1, using: &random)
            let role = roles[Int.random(in: 0..<roles.count, using: &random)]
            let socket = sockets[Int.random(in: 0..<sockets.count, using: &random)]
            if messages > 0, Int.random(in: 0..<100, using: &random) < messages {
                let messageRole: FrameRole = Bool.random(using: &random) ? .sendmsg : .recvmsg
                trace.pass(messageRole, socket, size: 9, .random(in: -20...200, using: &random))
                continue
            }
            switch UInt8.random(in: 0..<60, using: &random) {
            case 0: trace.lose(UInt64.random(in: 1...9, using: &random))
            case 1: trace.fork(.random(in: 0...5, using: &random), comm: "child")
            case 2: trace.rename([0x61, 0x62])
            case 3..<6: trace.call(role, socket, size: 9)
            case 6..<30: trace.enter(role, socket, size: 9)
            default: trace.leave(role, .random(in: -200...200, using: &random))
            }
        }
        return trace
    }
}
