internal import BasicContainers
internal import EventOutput
internal import EventStatistics
package import SocketEvents

/// Events as one page that needs nothing else: what was traced, what went when, between whom, how fast, what failed.
///
/// It holds sums, and of single events and connections a selection, so that it stays small whatever the length of the
/// trace.
package struct HTMLExport: ~Copyable, Exporter {
    private var file: ExportFile
    private let sources: [ExportSource]
    private let program: String
    private let isCancelled: @Sendable () -> Bool
    private var contents: PageContents

    /// Begins a page in an empty file.
    /// - Parameters:
    ///   - program: who writes it.
    ///   - isCancelled: asked between batches whether the rest is not wanted.
    package init(
        path: String, _ sources: [ExportSource], program: String, isCancelled: @escaping @Sendable () -> Bool
    ) throws(ExportError) {
        file = try ExportFile(path: path)
        (self.sources, self.program, self.isCancelled) = (sources, program, isCancelled)
        contents = PageContents(sources)
    }

    package static var aliases: AliasSet { .standard }
    package var shown: [UInt64] { contents.counts }
    package var isOver: Bool { isCancelled() }

    package mutating func begin() {}

    package mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        contents.add(batch, events, source)
    }

    package mutating func lost(_ loss: TraceBatch.Loss, of source: Int) { contents.lose(loss, source) }
    package mutating func flush() {}
    package mutating func end() {}

    package mutating func finish(_ closings: [ExportClosing]) throws(ExportError) {
        let data = PageData(sources, closings, program).json(&contents)
        // Chosen anew for each page: a script that got into it by whatever way would not know it.
        let nonce = String(UInt64.random(in: 0 ... .max), radix: 36) + String(UInt64.random(in: 0 ... .max), radix: 36)
        for piece in PageTemplate.pieces(nonce: nonce) {
            switch piece {
            case .bytes(let bytes): file.append { out in for byte in bytes { out.append(byte) } }
            case .data: Self.append(data, to: &file)
            }
        }
        try file.finish()
    }

    private static func append(_ data: borrowing JSONText, to file: inout ExportFile) {
        file.append { out in out.append(contentsOf: data.out) }
    }
}
