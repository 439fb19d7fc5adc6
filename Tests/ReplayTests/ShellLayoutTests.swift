import Foundation
import KernelLayout
import SocketTracing
import SystemPackage
import Testing

/// What the shell recorder recorded of the memory of sockets, on kernels that do not say where fields lie (fixtures/shell).
@Suite("Memory of sockets that the shell recorder recorded")
struct ShellLayoutTests {
    static let kernels = ["6.1", "armhf", "i386", "riscv64", "s390x", "ppc64el", "mips64el"]

    private func layout(_ kernel: String) throws -> StructLayout {
        let url = Fixture.root.appending(path: "shell/\(kernel)/facts.tar.zst")
        let bytes = try #require(decompressed(Array(try Data(contentsOf: url))))
        let folder = try Folder()
        return try KernelFacts(path: FilePath(try folder.write(bytes, to: "facts.tar"))).layout
    }

    /// Of 6.1 and riscv64 what their type information states, of ppc64el what a compiler makes of its headers, of the others
    /// what a debugger showed.
    private func truth(_ kernel: String) throws -> StructLayout {
        let text = try String(contentsOf: Fixture.root.appending(path: "shell/layout-\(kernel)"), encoding: .utf8)
        return try StructLayout.reading(text).get()
    }

    @Test("It tells of every message but the flags, as type information, headers or a debugger do", arguments: kernels)
    func messages(kernel: String) throws {
        let (layout, truth) = (try layout(kernel), try truth(kernel))
        #expect(layout.unknown == [.socketFlags])
        #expect(layout.disagreements(with: truth).isEmpty)
        for (member, place) in layout.places where truth[member] != nil {
            #expect(place.width == truth[member]?.width, "\(member)")
        }
    }

    @Test("It tells who a socket is and between whom", arguments: kernels)
    func ends(kernel: String) throws {
        let known = Set(try layout(kernel).places.keys.filter { !$0.isEssential })
        #expect(
            known == [
                .socketInode, .sockSocket, .sockType, .sockFamily, .sockState, .sockRemoteIPv4, .sockLocalIPv4,
                .sockRemotePort, .sockLocalPort, .sockRemoteIPv6, .sockLocalIPv6, .sockError,
            ])
    }
}
