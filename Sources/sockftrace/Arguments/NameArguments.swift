internal import ArgumentParser
internal import SocketEvents
internal import SocketNames

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

    /// How many letters must be put in, taken out, replaced, or swapped with the next one, to make one of the other.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
                var least = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, before[column - 1] + 1)
                }
                current.append(least)
            }
            (before, last) = (last, current)
        }
        return last[right.count]
    }
}
