import Foundation
import Testing

extension KernelTests {
    /// What doctor says on a kernel is what it said when the kernel's fixture was made, as root and as nobody.
    func expectDoctorsAsRecorded(_ kernel: String, _ outcome: Guest.Outcome) throws {
        // Of kernels for other processors nothing is recorded here; that doctor ended well, its status has shown.
        for name in Guest.isForeign ? [] : ["doctor", "doctor-unprivileged"] {
            let now = try outcome.text(name)
            let recorded = try Self.recorded(kernel, name)
            // The newest kernel is another one on another day, and may have other functions.
            guard kernel != "newest" || Self.release(now) == Self.release(recorded) else { continue }
            #expect(Self.normalised(now) == Self.normalised(recorded), "\(name):\n\(now)")
        }
        let unprivileged = try outcome.text("doctor-unprivileged")
        // What it can tell all the same.
        for part in ["kernel: ", "functions: ", "field offsets: ", "missing privileges: ", "run it as root"] {
            #expect(unprivileged.contains(part), "\(part) in\n\(unprivileged)")
        }
    }

    private static func recorded(_ kernel: String, _ name: String) throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../fixtures/kernels/\(kernel)/\(name)")
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }

    private static func release(_ text: String) -> Substring? {
        text.split(separator: "\n").first { $0.contains("kernel: ") }
    }

    /// Point releases of one kernel say the same.
    private static func normalised(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { !$0.contains(" kernel: ") }
    }
}
