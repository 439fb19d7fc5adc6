import SocketEvents
import Testing

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

    @Test(arguments: ["", " ", "two\nlines", "a  b", "\u{1}\u{7f}", "fifteen bytes  "])
    func `A task's name comes back byte by byte`(name: String) throws {
        var metadata = RecordingMetadata()
        metadata.tasks = [KnownTask(tid: 7, tgid: 6, name: TaskName(name.utf8)), KnownTask(tid: 8, tgid: 6, name: nil)]
        let read = try #require(RecordingMetadata(decoding: metadata.encoded))
        #expect(read.tasks == metadata.tasks)
    }
}
