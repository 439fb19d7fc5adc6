import SocketEvents
import Testing

@Suite("On a kernel that does not show which sock an accepted socket gets")
struct UnknownGraftTests {
    private func events(_ path: String) throws -> [TracedEvent] {
        try Report(path, aliases: .all).items.compactMap { item in
            guard case .event(let event) = item else { return nil }
            return event
        }
    }

    @Test(
        "the message about a connection of AF_UNIX does, and nothing is told that is not so",
        arguments: Fixture.endpoints)
    func connections(_ fixture: Fixture) throws {
        let folder = try Folder()
        let path = folder.path("lacking.dat")
        try Rewritten(kernel: fixture.kernel, folder: fixture.folder, lacking: "sock_grafted").write(to: path)
        let (all, lacking) = (try events(fixture.path), try events(path))
        try #require(all.count == lacking.count && !all.isEmpty)
        // Of TCP another function does, which has no records here.
        for (event, other) in zip(all, lacking) where event.family == 1 {
            #expect(other.local == nil || event.local == other.local, "\(event)\n\(other)")
            #expect(other.remote == nil || event.remote == other.remote, "\(event)\n\(other)")
            #expect(other.remoteInode == nil || event.remoteInode == other.remoteInode, "\(event)\n\(other)")
        }
        let accepted = zip(all, lacking).filter { event, _ in
            event.alias == .acceptReturn && event.family == 1 && event.success == true
        }
        #expect(!accepted.isEmpty && accepted.allSatisfy { $0.0.local != nil })
        // From 6.14 on the message is let go of in another way.
        if fixture.kernel == "6.1" { #expect(accepted.allSatisfy { $0.0.local == $0.1.local }) }
    }
}
