internal import ArgumentParser
internal import SocketAliases

/// From what users type to what it stands for.
enum NameArguments {
    /// The alias of a name; where there is none, the error tells the nearest and all.
    static func alias(_ text: String) throws -> Alias {
        do {
            return try Alias.named(text)
        } catch {
            throw ValidationError(unknown(error))
        }
    }

    /// Adds each text to a filter.
    static func add(_ texts: [String], _ body: (String) throws(UnknownNameError) -> Void) throws {
        for text in texts {
            do {
                try body(text)
            } catch {
                throw ValidationError(unknown(error as UnknownNameError))
            }
        }
    }

    static func unknown(_ error: UnknownNameError) -> String {
        var text = "unknown \(error.kind) '\(error.text)'"
        if let nearest = nearest(to: error.text, among: error.valid) { text += "; did you mean \(nearest)?" }
        return text + "\nknown: " + error.valid.joined(separator: ", ")
    }

    /// The name that differs least from a text, if they are alike at all.
    static func nearest(to text: String, among names: [String]) -> String? {
        let wanted = Array(text.lowercased().utf8)
        let best = names.map { (name: $0, distance: distance(fromNameOrEnd: $0, to: wanted)) }
            .min { $0.distance < $1.distance }
        guard let best, best.distance <= max(1, wanted.count / 3) else { return nil }
        return best.name
    }

    /// Users may leave out what all aliases begin with.
    private static func distance(fromNameOrEnd name: String, to wanted: [UInt8]) -> Int {
        let lower = name.lowercased()
        let end = lower.hasPrefix("socket.") ? lower.dropFirst("socket.".count) : lower[...]
        return min(distance(Array(lower.utf8), wanted), distance(Array(end.utf8), wanted))
    }

    /// How many letters must be put in, taken out or replaced to make one of the other (Levenshtein).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (right[column] == letter ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
