import SocketEvents
import Testing

@Suite("On a kernel that does not show where datagrams go")
struct UnknownDestinationTests {
    @Test("the other end of one that was sent is unknown, never that of its socket", arguments: Fixture.endpoints)
    func datagrams(_ fixture: Fixture) throws {
        let folder = try Folder()
        let path = folder.path("lacking.dat")
        try Rewritten(kernel: fixture.kernel, folder: fixture.folder, lacking: "dgram_sent").write(to: path)
        func sent(_ path: String) throws -> [TracedEvent] {
            try Report(path, aliases: AliasSet([.send])).items.compactMap { item in
                guard case .event(let event) = item else { return nil }
                return event
            }
        }
        let (all, lacking) = (try sent(fixture.path), try sent(path))
        try #require(all.count == lacking.count && !all.isEmpty)
        for (event, other) in zip(all, lacking) where other.remote != nil || other.remoteInode != nil {
            #expect(event.remote == other.remote && event.remoteInode == other.remoteInode, "\(other)")
        }
        let datagrams = zip(all, lacking).filter { $0.0.family == 1 && $0.0.type == 2 && $0.0.remote != nil }
        #expect(!datagrams.isEmpty && datagrams.allSatisfy { $0.1.remote == nil && $0.1.remoteInode == nil })
    }
}
