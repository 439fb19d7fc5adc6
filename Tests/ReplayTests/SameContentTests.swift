import LinuxSystem
import RingBuffer
import SocketTracing
import SystemPackage
import Testing

@testable import TraceDat

@Suite("The same records in a file of another kind tell the same")
struct SameContentTests {
    @Test("Version 6, version 7, plain and zstd", arguments: Fixture.own, FileKind.all)
    func kinds(_ fixture: Fixture, _ kind: FileKind) throws {
        let folder = try Folder()
        let path = folder.path("again.dat")
        try FileKind.rewrite(fixture.path, to: path, kind)
        let (original, again) = (try Report(fixture.path), try Report(path))
        #expect(original.items == again.items)
        #expect(original.flagNames == again.flagNames)
        #expect(again.damage.isEmpty)
        let ahead = try Report(path, readsAhead: true)
        #expect(original.items == ahead.items)
        #expect(original.closing.statistics == ahead.closing.statistics)
    }

    @Test("Where no thread can be made, a file is read when it is asked for", arguments: Fixture.own)
    func noThread(_ fixture: Fixture) throws {
        let script = CallScript(failing: .createThread, with: .resourceTemporarilyUnavailable)
        let alone = try script.run { try Report(fixture.path, readsAhead: true) }
        let original = try Report(fixture.path)
        #expect(script.log.count { $0.name == .createThread } == 1)
        #expect(alone.items == original.items && alone.closing.statistics == original.closing.statistics)
    }

    @Test("Arguments that nobody asks for are left out, and nothing else", arguments: Fixture.own)
    func omission(_ fixture: Fixture) throws {
        let (whole, part) = (try Report(fixture.path), try Report(fixture.path, omitting: [.flags, .state, .type]))
        #expect(whole.closing.statistics == part.closing.statistics)
        let expected = whole.events.map { event in
            var event = event
            (event.flags, event.state) = (nil, nil)
            event.type = nil
            return event
        }
        #expect(part.events == expected)
    }

    @Test(
        "A name that trace-cmd cannot read costs it no other", .enabled(if: TraceCmdText.isInstalled, "no trace-cmd"),
        arguments: FileKind.readByEveryTraceCmd)
    func names(_ kind: FileKind) throws {
        let source = try #require(Fixture.own.first)
        let folder = try Folder()
        let path = folder.path("names.dat")
        let thread = try #require(try Report(source.path).events.first?.tid)
        let odd = ["", " ", "\t", "\n", "a\nb"].enumerated()
            .map { TraceFile.CommandLine(tid: Int32(1 + $0.offset), name: Array($0.element.utf8)) }
        try FileKind.rewrite(
            source.path, to: path, kind, names: odd + [TraceFile.CommandLine(tid: thread, name: Array("last".utf8))])
        let text = String(decoding: try TraceCmdText.report(path).output, as: UTF8.self)
        #expect(text.contains(" last-\(thread) "))
    }
}
