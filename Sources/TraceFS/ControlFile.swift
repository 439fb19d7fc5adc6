internal import LinuxSystem
internal import SystemPackage

/// Reading and writing of whole files, with errors that tell what was tried.
enum ControlFile {
    /// How a text is put into a file.
    enum WriteMode {
        /// Replaces what the file said: for settings. Never for lists of definitions, where truncation deletes
        /// the definitions of everybody (`dyn_events_release_all` on open, kernel/trace/trace_dynevent.c).
        case replace
        /// Adds to what the file says.
        case append
    }

    static func bytes(of path: String, _ action: @autoclosure () -> String) throws(TraceFSError) -> [UInt8] {
        do {
            return try Files.bytes(of: path)
        } catch {
            throw TraceFSError(action(), path: path, failed: error)
        }
    }

    static func text(of path: String, _ action: @autoclosure () -> String) throws(TraceFSError) -> String {
        String(decoding: try bytes(of: path, action()), as: UTF8.self)
    }

    /// The text of a file that need not be there or be readable.
    static func optionalText(of path: String) -> String? {
        try? text(of: path, "read")
    }

    /// Writes a text and a line end in exactly one write(2): tracefs parses each write by itself.
    static func write(
        _ text: String, to path: String, _ mode: WriteMode, _ action: @autoclosure () -> String
    ) throws(TraceFSError) {
        let descriptor: Descriptor
        do {
            descriptor = try Descriptor(opening: path, [.writeOnly, mode == .append ? .append : .truncate])
        } catch {
            throw TraceFSError(action(), path: path, failed: error)
        }
        var line = Array(text.utf8)
        line.append(UInt8(ascii: "\n"))
        let count: Int
        do {
            count = try descriptor.write(line.span.bytes)
        } catch {
            throw TraceFSError(action(), path: path, written: text, failed: error)
        }
        // Some parsers stop at the line end and do not count it.
        guard count >= line.count - 1 else {
            throw TraceFSError(
                .system, action(), path: path, written: text,
                kernelMessage: "it took \(count) of \(line.count) bytes")
        }
    }

    static func names(in path: String, _ action: @autoclosure () -> String) throws(TraceFSError) -> [String] {
        do {
            return try Files.names(in: path)
        } catch {
            throw TraceFSError(action(), path: path, failed: error)
        }
    }

    /// The decimal number at the start of a text: tracefs adds remarks, as in "7 (expanded: 1408)".
    static func leadingNumber(_ text: some StringProtocol) -> Int? {
        Int(text.drop { $0 == " " || $0 == "\t" }.prefix { $0.isASCII && $0.isNumber })
    }
}
