#if DEBUG
    import Glibc
    import LinuxSystem
    import Synchronization
    import SystemPackage
    import TraceFS

    @testable import KernelLayout
    @testable import ProbePlanning
    @testable import SocketTracing

    /// A directory that does what tracefs does when it is written to: instances get their files, probes their events. No
    /// probe of it ever fires.
    final class StandInKernel: Sendable {
        let path: String
        private let state = Mutex(State())

        private struct State {
            /// Probes that are defined, `GROUP/EVENT`, in order.
            var probes: [String] = []
            /// The file that was opened last: the next write goes there.
            var opened = ""
            /// What was done, in words.
            var steps: [String] = []
            /// How many changes were asked for.
            var changes = 0
        }

        init() {
            path = "/tmp/sockftrace-stand-in-\(getpid())-\(UInt64.random(in: 0 ... .max))"
            for folder in ["", "instances", "events"] { mkdir("\(path)/\(folder)", 0o755) }
            put("README", "tracing mini-HOWTO: kprobe_events $arg<N>\n")
            put("dynamic_events")
        }

        deinit { Self.remove(path) }

        var directory: TracingDirectory { TracingDirectory(path: path) }
        var probes: [String] { state.withLock { $0.probes } }
        var steps: [String] { state.withLock { $0.steps } }
        var changes: Int { state.withLock { $0.changes } }
        var instances: [String] { Self.names(in: path + "/instances") }

        /// A kernel with some functions, and no type information.
        func knowledge(_ functions: [String]) -> KernelKnowledge {
            let kallsyms = functions.map { "0000000000000000 T \($0)\n" }.joined()
            let survey = KernelSurvey(
                directory, facts: SystemInfo.current(),
                capabilities: Capabilities([.kernelProbes, .entryArguments, .maxActive, .instances, .dynamicEvents]),
                kallsyms: Array(kallsyms.utf8), statedLayout: nil, overrides: KernelOverrides())
            return KernelKnowledge(survey, layout: StructLayout(), protocols: nil, calibrationTime: nil)
        }

        /// Answers as the kernel would, and refuses one of the changes that are asked for, by its number.
        func script(refusing refused: Int? = nil) -> CallScript {
            CallScript { call, _ in
                if call.name != .makeDirectory { self.fill() }
                guard let change = self.change(call) else { return nil }
                return self.state.withLock { state in
                    defer { state.changes += 1 }
                    if state.changes == refused {
                        state.steps.append("refused: " + change)
                        return .fail(.ioError)
                    }
                    state.steps.append(change)
                    self.carryOut(call, &state)
                    return nil
                }
            }
        }

        /// A change that a call asks for, in words; nil where it only looks.
        private func change(_ call: CallScript.Call) -> String? {
            switch call.name {
            case .open:
                state.withLock { $0.opened = call.detail }
                return nil
            case .write: return "\(relative(state.withLock { $0.opened })) = \(named(call.detail.dropLast()))"
            case .makeDirectory, .removeDirectory: return "\(call.name.rawValue) \(relative(call.detail))"
            default: return nil
            }
        }

        /// A definition without the tracer's name, which is another in each run.
        private func named(_ text: Substring) -> String {
            String(text.replacing(/sockftrace_[0-9]+_[0-9a-f]{16}/, with: "GROUP"))
        }

        /// Without what differs from run to run.
        private func relative(_ file: String) -> String {
            let file = file.hasPrefix(path) ? String(file.dropFirst(path.count + 1)) : file
            let parts = file.split(separator: "/")
            return parts.first == "instances" && parts.count > 1
                ? (["INSTANCE"] + parts.dropFirst(2).map(String.init)).joined(separator: "/") : file
        }

        private func carryOut(_ call: CallScript.Call, _ state: inout State) {
            switch call.name {
            case .makeDirectory:
                // The directory itself is made by the call; its files are there when anything in it is looked at.
                pending.withLock { $0 = call.detail }
            case .removeDirectory: Self.removeContents(call.detail)
            case .write where state.opened == path + "/dynamic_events": define(call.detail, &state)
            default: break
            }
        }

        private let pending = Mutex<String?>(nil)

        private func define(_ text: String, _ state: inout State) {
            let line = text.dropLast()
            if line.hasPrefix("-:") {
                let name = line.dropFirst(2)
                state.probes.removeAll { name.hasSuffix("/") ? $0.hasPrefix(name) : $0 == name }
                return
            }
            guard let colon = line.firstIndex(of: ":"), let space = line.firstIndex(of: " ") else { return }
            let name = String(line[line.index(after: colon)..<space])
            state.probes.append(name)
            for instance in instances { putEvent(name, "instances/\(instance)/events", id: 2000 + state.probes.count) }
        }

        /// Puts the files into an instance that was made.
        private func fill() {
            guard let instance = pending.withLock({ $0.take() }) else { return }
            let name = "instances/" + (instance.split(separator: "/").last.map(String.init) ?? "")
            for file in ["tracing_on", "trace_clock", "buffer_size_kb", "set_event_pid", "set_event_notrace_pid"] {
                put("\(name)/\(file)", "0\n")
            }
            put("\(name)/events/enable", "0\n")
            put("\(name)/events/header_page", Self.headerPage)
            put("\(name)/events/header_event", "# compressed entry header\n")
            put("\(name)/per_cpu/cpu0/trace_pipe_raw")
            put("\(name)/per_cpu/cpu0/buffer_size_kb", "4\n")
            put("\(name)/per_cpu/cpu0/stats", "entries: 0\noverrun: 0\ncommit overrun: 0\nbytes: 0\n")
            putEvent("task/task_newtask", name + "/events", id: 101)
            putEvent("task/task_rename", name + "/events", id: 102)
        }

        private func putEvent(_ event: String, _ folder: String, id: Int) {
            let name = event.split(separator: "/").last.map(String.init) ?? ""
            put("\(folder)/\(event)/enable", "0\n")
            put("\(folder)/\(event)/filter", "none\n")
            put("\(folder)/\(event)/id", "\(id)\n")
            put(
                "\(folder)/\(event)/format",
                """
                name: \(name)
                ID: \(id)
                format:
                \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
                \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
                \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
                \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

                \tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;

                print fmt: "(%lx)", REC->__probe_ip

                """)
        }

        private static let headerPage = """
            \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
            \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
            \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
            \tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;

            """

        private func put(_ file: String, _ text: String = "") {
            var folder = path
            for part in file.split(separator: "/").dropLast() {
                folder += "/\(part)"
                mkdir(folder, 0o755)
            }
            guard let stream = fopen("\(path)/\(file)", "w") else { return }
            fputs(text, stream)
            fclose(stream)
        }

        private static func remove(_ path: String) {
            removeContents(path)
            if rmdir(path) != 0 { unlink(path) }
        }

        private static func removeContents(_ path: String) {
            for name in names(in: path) { remove("\(path)/\(name)") }
        }

        /// Not by the system layer, whose calls are answered here.
        private static func names(in path: String) -> [String] {
            guard let stream = opendir(path) else { return [] }
            defer { closedir(stream) }
            var names: [String] = []
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { names.append(name) }
            }
            return names
        }
    }
#endif
