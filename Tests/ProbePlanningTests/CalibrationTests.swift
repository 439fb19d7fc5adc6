import SocketNames
import Testing

@testable import ProbePlanning
@testable import KernelLayout

@Suite("Finding struct offsets in the memory of known sockets")
struct CalibrationTests {
    private func layout(_ kernel: MadeUpKernel) -> StructLayout {
        var random = SystemRandomNumberGenerator()
        return kernel.calibration(random: &random).layout
    }

    private func place(_ offset: Int, _ width: Int) -> StructLayout.Place {
        .init(offset: offset, width: width, source: .calibrated)
    }

    @Test("The usual layout is found whole")
    func usualLayout() {
        let layout = layout(MadeUpKernel())
        #expect(layout.unknown.isEmpty)
        #expect(layout[.socketState] == place(0, 4))
        #expect(layout[.socketType] == place(4, 2))
        #expect(layout[.socketFlags] == place(8, 8))
        #expect(layout[.socketSock] == place(24, 8))
        #expect(layout[.socketOps] == place(32, 8))
        #expect(layout[.opsFamily] == place(0, 4))
        #expect(layout[.sockProtocol] == place(516, 2))
        #expect(layout[.messageCount] == place(32, 8))
        #expect(layout[.iteratorCount] == place(16, 8))
        #expect(layout[.kiocbFile] == place(0, 8))
        #expect(layout[.filePrivateData] == place(200, 8))
        #expect(layout.flagNames?.description == "C3")
    }

    @Test("A layout in which nothing is where it used to be is found as well", arguments: 0..<20)
    func shuffledLayout(_: Int) {
        var words = Array(stride(from: 0, to: 256, by: 8)).shuffled()
        func word() -> Int { words.removeLast() }
        var kernel = MadeUpKernel()
        kernel.state = (word() + 4, 4)
        kernel.type = (word() + 2, 2)
        kernel.flags = word()
        kernel.file = word()
        kernel.sock = word()
        kernel.ops = word()
        kernel.family = (48, 4)
        kernel.protocolPlace = (1002, 2)
        kernel.backPointer = 16
        kernel.messageCount = 80
        kernel.iteratorCount = 0
        kernel.filePointer = 40
        kernel.privateData = 8
        let layout = layout(kernel)
        #expect(layout.unknown.isEmpty)
        #expect(layout[.socketState]?.offset == kernel.state.offset)
        #expect(layout[.socketType]?.offset == kernel.type.offset)
        #expect(layout[.socketFlags]?.offset == kernel.flags)
        #expect(layout[.socketSock]?.offset == kernel.sock)
        #expect(layout[.socketOps]?.offset == kernel.ops)
        #expect(layout[.opsFamily]?.offset == 48)
        #expect(layout[.sockProtocol]?.offset == 1002)
        #expect(layout[.kiocbFile]?.offset == 40)
        #expect(layout[.filePrivateData]?.offset == 8)
    }

    @Test("A protocol that is a byte of a bit field is found as that byte")
    func bitField() {
        var kernel = MadeUpKernel()
        kernel.protocolPlace = (517, 1)
        let found = layout(kernel)[.sockProtocol]
        #expect(found == place(517, 1))
        let stated = StructLayout.Place(offset: 516, width: 4, bits: 8..<16, source: .btf)
        #expect(found?.holdsSameBits(as: stated) == true)
    }

    @Test("What two places explain is unknown")
    func ambiguity() {
        var kernel = MadeUpKernel()
        kernel.strayFilePointers = [64]
        let layout = layout(kernel)
        #expect(layout[.kiocbFile] == nil)
        #expect(layout[.filePrivateData] == nil)
        #expect(layout.unknown.count == 2)
    }

    @Test("A stray copy is told apart when one caller does not leave it")
    func ambiguityResolved() {
        var random = SystemRandomNumberGenerator()
        var kernel = MadeUpKernel()
        var calibration = kernel.calibration(random: &random)
        kernel.strayFilePointers = [64]
        calibration.iterations.samples += kernel.iterations(of: calibration.sockets.samples, random: &random)
        #expect(calibration.layout[.kiocbFile] == place(0, 8))
    }

    @Test("A flag that does not move the word leaves the flags unknown")
    func flagsMovedAway() {
        var kernel = MadeUpKernel()
        kernel.passCredBit = nil
        let layout = layout(kernel)
        #expect(layout[.socketFlags] == nil)
        #expect(layout.flagNames == nil)
    }

    @Test("With nothing seen, nothing is known")
    func nothingSeen() {
        let calibration = Calibration(
            sockets: SocketSearch([], wordSize: 8), iterations: IterationSearch([], wordSize: 8))
        #expect(calibration.layout.places.isEmpty)
    }

    @Test("Constant values are no evidence")
    func constantValues() {
        let memory = MemoryDump([UInt8](repeating: 1, count: 64))
        let same = (0..<5).map { _ in Observation(memory, holds: 1) }
        #expect(same.place(widths: [1], distinct: 2) == nil)
    }
}
