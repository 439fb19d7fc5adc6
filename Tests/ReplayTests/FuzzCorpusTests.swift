import Foundation
import FuzzTargets
import Testing

/// An input that once went wrong, or that fuzzing begins with.
struct FuzzInput: Sendable, CustomTestStringConvertible {
    var target: FuzzTarget
    var name: String
    var testDescription: String { "\(target)/\(name)" }

    static let all: [FuzzInput] = FuzzTarget.allCases.flatMap { target in
        let folder = Fixture.root.appending(path: "fuzz/\(target.rawValue)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().map { FuzzInput(target: target, name: $0) }
    }
}

@Suite("What fuzzing found stays mended")
struct FuzzCorpusTests {
    @Test("The regression corpus", arguments: FuzzInput.all)
    func corpus(_ input: FuzzInput) throws {
        let file = Fixture.root.appending(path: "fuzz/\(input.target.rawValue)/\(input.name)")
        try Data(contentsOf: file).withUnsafeBytes { input.target.run($0) }
    }

    @Test("No input is without bytes enough", arguments: FuzzTarget.allCases)
    func empty(_ target: FuzzTarget) {
        for count in 0..<24 {
            withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { bytes in
                bytes.initializeMemory(as: UInt8.self, repeating: 0)
                target.run(UnsafeRawBufferPointer(bytes))
            }
        }
    }
}
