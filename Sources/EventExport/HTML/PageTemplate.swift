/// The page around its data: report.html with the style, the script and the data where it names them.
enum PageTemplate {
    enum Piece {
        case bytes([UInt8])
        /// Where the data belongs.
        case data
    }

    /// The pieces of the page, in their order.
    /// - Parameter nonce: what the page's own style and script are known by.
    static func pieces(nonce: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = PackageResources.report_html[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "@")) {
            pieces.append(.bytes(Array(rest[..<start])))
            guard let end = rest[(start + 1)...].firstIndex(of: UInt8(ascii: "@")) else { break }
            switch String(decoding: rest[(start + 1)..<end], as: UTF8.self) {
            case "style": pieces.append(.bytes(PackageResources.report_css))
            case "script": pieces.append(.bytes(PackageResources.report_js))
            case "nonce": pieces.append(.bytes(Array(nonce.utf8)))
            default: pieces.append(.data)
            }
            rest = rest[(end + 1)...]
        }
        return pieces + [.bytes(Array(rest))]
    }
}
