/// The `error_log` of tracefs: the kernel's last few words on refused commands, of all users together
/// (kernel/trace/trace.c, `tracing_log_err`; eight entries).
struct ErrorLog: Equatable {
    struct Entry: Equatable {
        /// As in "trace_kprobe: error: Failed to find symbol".
        var message: String
        /// The refused command as the kernel split it into words and joined it again.
        var command: String
        /// The line under the command that points at the fault, its margin taken away; empty when it points nowhere.
        var caret: String

        /// Message, command and caret, so indented that the caret stays under its place.
        var text: String {
            caret.isEmpty ? message : message + "\n  " + command + "\n  " + caret
        }
    }

    /// The entries, oldest first.
    var entries: [Entry] = []

    /// Reads `[  123.456789] NAME: error: TEXT` lines, each followed by `  Command: TEXT` and a caret line.
    init(_ text: String) {
        let margin = "  Command: "
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
                let message = line[line.index(after: end)...].drop { $0 == " " }
                entries.append(Entry(message: String(message), command: "", caret: ""))
            } else if entries.isEmpty {
                continue
            } else if line.hasPrefix(margin) {
                entries[entries.count - 1].command = String(line.dropFirst(margin.count))
            } else if line.last == "^" {
                entries[entries.count - 1].caret = String(line.dropFirst(margin.count))
            }
        }
    }

    /// The newest entry on this very command. The log is shared and never cleared by us: the command tells whose it is.
    func entry(for command: String) -> Entry? {
        let wanted = Self.words(command)
        return entries.last { Self.words($0.command) == wanted }
    }

    private static func words(_ text: String) -> [Substring] {
        text.split { $0 == " " || $0 == "\t" || $0 == "\n" }
    }
}
