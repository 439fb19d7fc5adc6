internal import LinuxSystem
internal import SystemPackage
internal import PlainText

/// The directory of one trace buffer: an instance's, or the top one that everybody shares.
///
/// A plain name for a place, without ownership: it can be copied into undo steps and other tasks.
package struct BufferDirectory: Sendable, Hashable {
    /// Where it is, as in `/sys/kernel/tracing/instances/sockftrace_12`.
    package let path: String

    /// Takes a directory for a buffer's, unlooked at.
    package init(path: String) {
        self.path = path
    }

    // MARK: Files

    /// The text of a file, as in `trace_clock`; bytes that are no UTF-8 are replaced.
    package func text(_ file: String) throws(TraceFSError) -> String {
        try ControlFile.text(of: "\(path)/\(file)", "read \(file)")
    }

    /// The bytes of a file, as they are.
    package func bytes(_ file: String) throws(TraceFSError) -> [UInt8] {
        try ControlFile.bytes(of: "\(path)/\(file)", "read \(file)")
    }

    /// Sets a file to a text, in one write.
    package func set(_ file: String, to text: String) throws(TraceFSError) {
        try ControlFile.write(text, to: "\(path)/\(file)", .replace, "set \(file)")
    }

    /// Whether there is such a file.
    package func has(_ file: String) -> Bool {
        Files.exists("\(path)/\(file)")
    }

    /// Sets a file to a text and records that what it said before is put back. For what is shared by the whole machine,
    /// such as `saved_cmdlines_size`; nothing is written or recorded where it says so already.
    package func set(_ file: String, to text: String, undo: inout UndoLog) throws(TraceFSError) {
        let before = try self.text(file)
        let old = before.last == "\n" ? String(before.dropLast()) : before
        if old == text { return }
        try set(file, to: text)
        undo.record("\(path)/\(file) = \(old)") { () throws(TraceFSError) in try self.set(file, to: old) }
    }

    // MARK: Clock, options, on and off

    /// Whether the buffer takes records.
    package func isTracing() throws(TraceFSError) -> Bool {
        ControlFile.leadingNumber(try text("tracing_on")) == 1
    }

    /// Lets the buffer take records, or stops it.
    package func setTracing(_ on: Bool) throws(TraceFSError) {
        try set("tracing_on", to: on ? "1" : "0")
    }

    /// The clock in use and all that there are, from text as in "[local] global mono".
    package func clocks() throws(TraceFSError) -> (current: String?, available: [String]) {
        var current: String?
        let names = try text("trace_clock").split { $0 == " " || $0 == "\n" }.map { word in
            guard word.hasPrefix("["), word.hasSuffix("]") else { return String(word) }
            current = String(word.dropFirst().dropLast())
            return String(word.dropFirst().dropLast())
        }
        return (current, names)
    }

    /// Chooses the clock; it also empties the buffer. `mono` is the same on all CPUs, the default is not.
    package func setClock(_ name: String) throws(TraceFSError) {
        do {
            try set("trace_clock", to: name)
        } catch {
            var error = error
            if let known = try? clocks().available, !known.contains(name) {
                error.kind = .unsupported
                error.remedy = "choose one of " + known.joined(separator: ", ")
            }
            throw error
        }
    }

    /// Switches an option of this buffer, as in `event-fork`.
    package func setOption(_ name: String, _ on: Bool) throws(TraceFSError) {
        do {
            try set("options/\(name)", to: on ? "1" : "0")
        } catch {
            var error = error
            if error.errno == .noSuchFileOrDirectory { error.kind = .unsupported }
            throw error
        }
    }

    /// Empties the buffer, and sets the counts of its ``statistics(cpu:)`` to 0.
    package func clear() throws(TraceFSError) {
        // Truncating `trace` does it (tracing_open, kernel/trace/trace.c); what is written counts for nothing.
        try set("trace", to: "0")
    }

    // MARK: Buffer sizes

    /// Asks for a buffer of so many kibibytes on each CPU and returns what each CPU has got: the kernel rounds to whole
    /// sub-buffers. The buffer is emptied.
    @discardableResult
    package func setBufferSize(kibibytesPerCPU size: Int) throws(TraceFSError) -> [Int: Int] {
        try expandBuffers()
        try set("buffer_size_kb", to: String(size))
        return try bufferSizes()
    }

    /// Lets the kernel give the top buffer its real size, as it does when the first event is enabled anywhere.
    ///
    /// Up to 6.7 one flag for all buffers says that this was done (ring_buffer_expanded in kernel/trace/trace.c), and
    /// resizing an instance sets it without doing it: whoever used the top buffer later would be left with its few KiB.
    private func expandBuffers() throws(TraceFSError) {
        for event in ["task/task_newtask", "sched/sched_process_fork"] where has("events/\(event)/enable") {
            guard try text("events/\(event)/enable").hasPrefix("0") else { return }
            try set("events/\(event)/enable", to: "1")
            try set("events/\(event)/enable", to: "0")
            return
        }
    }

    /// The buffer of each CPU, in kibibytes. Before its first use a buffer has a few pages only.
    package func bufferSizes() throws(TraceFSError) -> [Int: Int] {
        var sizes: [Int: Int] = [:]
        for cpu in try cpus() {
            sizes[cpu] = ControlFile.leadingNumber(try text("per_cpu/cpu\(cpu)/buffer_size_kb"))
        }
        return sizes
    }

    /// The CPUs that have a buffer, in ascending order: every possible one, online or not.
    package func cpus() throws(TraceFSError) -> [Int] {
        try ControlFile.names(in: path + "/per_cpu", "list the CPUs").compactMap { name in
            name.hasPrefix("cpu") ? Int(name.dropFirst(3)) : nil
        }.sorted()
    }

    /// The bytes in one sub-buffer, header included, as one read of `trace_pipe_raw` gives: from `events/header_page`
    /// of this buffer (sub-buffers may differ between instances since 6.8), offset and size of its `data`.
    package func subBufferSize() throws(TraceFSError) -> Int {
        let header = try text("events/header_page")
        guard let size = Self.subBufferSize(headerPage: header) else {
            throw TraceFSError(
                .system, "learn the size of a sub-buffer", path: path + "/events/header_page",
                kernelMessage: "it describes no field `data`")
        }
        return size
    }

    static func subBufferSize(headerPage text: String) -> Int? {
        func number(_ key: String, _ line: Substring) -> Int? {
            line.split { $0 == ";" || $0 == "\t" }.first { $0.hasPrefix(key) }.flatMap { Int($0.dropFirst(key.count)) }
        }
        for line in text.split(separator: "\n") where line.holds(" data;") {
            if let offset = number("offset:", line), let size = number("size:", line) { return offset + size }
        }
        return nil
    }

    // MARK: Statistics

    /// What one CPU's buffer has taken and lost.
    package func statistics(cpu: Int) throws(TraceFSError) -> CPUStatistics {
        CPUStatistics(try text("per_cpu/cpu\(cpu)/stats"))
    }
}
