/// Which file an event is of, where there are several: a first column of text and CSV, a first key of JSON. The name of
/// a file can hold everything but 0 and the slash, line ends included.
package struct LineLabel: Sendable {
    private let bytes: [UInt8]
    /// Bytes of the line itself that the label stands for.
    private let replaced: Int

    /// - Parameters:
    ///   - name: of the file.
    ///   - width: columns of the longest label, in text.
    package init(_ name: String, _ format: OutputFormat, width: Int) {
        switch format {
        case .text:
            bytes = Array((PrintableText.line(name) + String(repeating: " ", count: width - Self.width(name) + 1)).utf8)
        case .csv: bytes = Array((PrintableText.csv(name) + ",").utf8)
        case .json: bytes = Array("{\"file\":\"\(PrintableText.json(name))\",".utf8)
        }
        replaced = format == .json ? 1 : 0
    }

    /// The label above the others.
    package static func title(_ format: OutputFormat, width: Int) -> String {
        switch format {
        case .text: "FILE" + String(repeating: " ", count: max(width - 4, 0) + 1)
        case .csv: "file,"
        case .json: ""
        }
    }

    /// Columns that a name takes in text.
    package static func width(_ name: String) -> Int { PrintableText.line(name).unicodeScalars.count }

    /// Appends the label and the line.
    package func append(_ line: borrowing OutputBuffer, to out: inout OutputBuffer) {
        for byte in bytes { out.append(byte) }
        out.append(contentsOf: line, from: replaced)
    }
}
