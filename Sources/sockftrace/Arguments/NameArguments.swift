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
        let text = "unknown \(error.kind) '\(error.text)'"
        if let option = otherOption(for: error) { return text + "; try \(option) \(error.text)" }
        let nearest = nearest(to: error.text, among: error.valid).map { "; did you mean \($0)?" } ?? ""
        // Nobody reads a hundred names.
        let known = error.valid.count <= mostNames ? error.valid : Array(error.valid.prefix(mostNames)) + ["and more"]
        return text + nearest + "\nknown: " + known.joined(separator: ", ")
    }

    private static let mostNames = 60

    /// The option that the name would be right for.
    private static func otherOption(for error: UnknownNameError) -> String? {
        let name = error.text
        if error.kind != "protocol", (try? ProtocolSelector.parse(name)) != nil, Int(name) == nil {
            return "--protocol"
        }
        if error.kind != "address family", (try? AddressFamilyNames.number(of: name)) != nil { return "--family" }
        if error.kind != "socket type", (try? SocketTypeNames.number(of: name)) != nil { return "--type" }
        return nil
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
