import Foundation
import SystemPackage
import Testing

@testable import SocketTracing

@Suite struct PartNamesTests {
    @Test func `Names have four digits or more, and only such names are a recording's files`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sockftrace-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let names = PartNames(path: FilePath(folder.appending(path: "board.dat").path))
        #expect(names.path(of: 7).lastComponent == "board.dat.0007")
        #expect(names.path(of: 12345).lastComponent == "board.dat.12345")
        let files = [
            "board.dat.0002", "board.dat.0010", "board.dat.12345", "board.dat.00012", "board.dat.txt", "board.dat",
            "other.dat.0003", "board.dat.002", "board.dat.0004.compressing",
        ]
        for file in files { try Data().write(to: folder.appending(path: file)) }
        #expect(try names.numbers() == [2, 10, 12345])
    }

    @Test(
        "The next file of a recording has the next number; other names have none",
        arguments: [
            ("board.dat.0001", "board.dat.0002"), ("/data/board.dat.9999", "/data/board.dat.10000"), ("board.dat", nil),
            ("board.dat.1", nil), ("board.dat.00012", nil), (".0001", nil), ("board.-001", nil), ("board.+001", nil),
        ] as [(String, String?)])
    func successor(name: String, next: String?) {
        #expect(PartNames.successor(of: FilePath(name))?.string == next)
    }
}
