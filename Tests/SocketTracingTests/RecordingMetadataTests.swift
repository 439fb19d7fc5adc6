import Testing

@testable import SocketEvents
@testable import SocketTracing

@Suite struct RecordingMetadataTests {
    @Test(arguments: [
        "comm a  b", "comm  leading", "comm trailing ", "comm two\nlines", "comm \u{1b}[31mred", "errors",
    ])
    func `A filter comes back as it was asked for`(words: String) throws {
        var metadata = RecordingMetadata()
        metadata.filters = [words, "type STREAM"]
        let read = try #require(RecordingMetadata(decoding: metadata.encoded))
        #expect(read.filters == [words, "type STREAM"])
    }

    @Test func `Paths of control groups come back as they were, whatever is in them`() throws {
        var metadata = RecordingMetadata()
        metadata.groupPaths = [1: "/", 23: "/system.slice/a b ", .max: "/two\nlines", 40: "/\u{1b}[31mred"]
        let read = try #require(RecordingMetadata(decoding: metadata.encoded))
        #expect(read.groupPaths == metadata.groupPaths)
        let damaged = Array("sockftrace notes 1\ncgroup\ncgroup x /a\ncgroup 5\ncgroup-hex 6 zz\n".utf8)
        #expect(try #require(RecordingMetadata(decoding: damaged)).groupPaths == [6: ""])
    }

    @Test func `What was left out comes back, CPU by CPU`() throws {
        var metadata = RecordingMetadata()
        #expect(try #require(RecordingMetadata(decoding: metadata.encoded)).discarding == nil)
        metadata.discarding = ["socket.send", "socket.receive"]
        metadata.discarded = [0: 17, 255: .max]
        #expect(try #require(RecordingMetadata(decoding: metadata.encoded)) == metadata)
        let damaged = Array("sockftrace notes 1\ndiscards\ndiscarded 1\ndiscarded x 2\ndiscarded 3 -4\n".utf8)
        let read = try #require(RecordingMetadata(decoding: damaged))
        #expect(read.discarding == [] && read.discarded.isEmpty)
    }

    @Test(arguments: ["", " ", "two\nlines", "a  b", "\u{1}\u{7f}", "fifteen bytes  "])
    func `A task's name comes back byte by byte`(name: String) throws {
        var metadata = RecordingMetadata()
        metadata.tasks = [KnownTask(tid: 7, tgid: 6, name: TaskName(name.utf8)), KnownTask(tid: 8, tgid: 6, name: nil)]
        let read = try #require(RecordingMetadata(decoding: metadata.encoded))
        #expect(read.tasks == metadata.tasks)
    }

    @Test(arguments: [true, false])
    func `Whether the kernel left others out comes back, and counts where children are followed`(isLeftOut: Bool) throws
    {
        var metadata = RecordingMetadata()
        metadata.othersAreLeftOut = isLeftOut
        #expect(!metadata.scope.othersAreLeftOut)
        metadata.followsTracersChildren = true
        let read = try #require(RecordingMetadata(decoding: metadata.encoded))
        #expect(read.scope.othersAreLeftOut == isLeftOut)
    }

    @Test func `Where a file goes on and where it ends come back, and are unknown of the only file`() throws {
        var metadata = RecordingMetadata()
        #expect(RecordingMetadata(decoding: metadata.encoded)?.continuesAt == nil)
        (metadata.continuesAt, metadata.end) = (17, .max - 1)
        let read = try #require(RecordingMetadata(decoding: metadata.encoded))
        #expect(read.continuesAt == 17 && read.end == .max - 1)
    }
}
