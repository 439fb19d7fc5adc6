import Foundation
import ProbePlanning
import KernelLayout
import SocketEvents
import Testing

/// The definitions that kernels of other processors took, as fixtures/foreign recorded them (its README says how), against
/// those that a plan has for such a kernel.
@Suite("What kernels of other processors accepted") struct AcceptedDefinitionTests {
    struct Machine: Sendable, CustomTestStringConvertible {
        /// As uname(2) names it, and the folder of its fixtures.
        var name: String
        var folder: String
        /// Offsets and widths in bytes, of Debian's 6.1 for it.
        var places: [StructLayout.Member: (offset: Int, width: Int)]
        var testDescription: String { folder }

        static let i386 = Machine(
            name: "i686", folder: "i386",
            places: [
                .socketState: (0, 4), .socketType: (4, 2), .socketFlags: (8, 4), .socketSock: (16, 4),
                .socketOps: (20, 4), .opsFamily: (0, 4), .sockProtocol: (376, 2), .messageCount: (20, 4),
                .iteratorCount: (8, 4), .kiocbFile: (0, 4), .filePrivateData: (140, 4),
            ])
        static let arm64 = Machine(
            name: "aarch64", folder: "arm64",
            places: [
                .socketState: (0, 4), .socketType: (4, 2), .socketFlags: (8, 8), .socketSock: (24, 8),
                .socketOps: (32, 8), .opsFamily: (0, 4), .sockProtocol: (516, 2), .messageCount: (32, 8),
                .iteratorCount: (16, 8), .kiocbFile: (0, 8), .filePrivateData: (200, 8),
            ])
        static let armhf = Machine(
            name: "armv7l", folder: "armhf",
            places: [
                .socketState: (0, 4), .socketType: (4, 2), .socketFlags: (8, 4), .socketSock: (16, 4),
                .socketOps: (20, 4), .opsFamily: (0, 4), .sockProtocol: (380, 2), .messageCount: (24, 4),
                .iteratorCount: (8, 4), .kiocbFile: (0, 4), .filePrivateData: (148, 4),
            ])
        static let s390x = Machine(
            name: "s390x", folder: "s390x",
            places: [
                .socketState: (0, 4), .socketType: (4, 2), .socketFlags: (8, 8), .socketSock: (24, 8),
                .socketOps: (32, 8), .opsFamily: (0, 4), .sockProtocol: (516, 2), .messageCount: (32, 8),
                .iteratorCount: (16, 8), .kiocbFile: (0, 8), .filePrivateData: (200, 8),
            ])
    }

    private func lines(_ machine: Machine, _ file: String) throws -> [Substring] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../fixtures/foreign/\(machine.folder)").standardized
        return String(decoding: try Data(contentsOf: folder.appending(path: file)), as: UTF8.self).split(
            separator: "\n")
    }

    @Test(arguments: [Machine.i386, .arm64, .armhf, .s390x])
    func `What the kernel took is what the plan says`(machine: Machine) throws {
        let layout = StructLayout(
            places: machine.places.mapValues { .init(offset: $0.offset, width: $0.width, source: .calibrated) })
        let accepted = try lines(machine, "definitions").map { $0.split(separator: " ").map(String.init) }
        let functions = Set(accepted.map { $0[1] })
        let plan = ProbePlan(
            for: PlanRequest(
                symbols: KernelSymbols(names: functions.sorted()), layout: layout,
                convention: try #require(CallingConvention.registers(machine: machine.name))))
        let planned = plan.probes.map { $0.text(group: "sockftrace").split(separator: " ").map(String.init) }
        var compared = 0
        for words in accepted {
            // The security hook stands in only where sock_recvmsg was found silent.
            guard let own = planned.first(where: { $0[0] == words[0] }) else { continue }
            // Closing events have told since then whether there is a proto_ops, and have another order.
            #expect(own.filter { !$0.hasPrefix("ops=") }.sorted() == words.sorted())
            compared += 1
        }
        #expect(compared >= 24, "\(compared) of \(accepted.count)")
    }
}
