public import EventFormats
public import SystemPackage
public import TraceDat
public import TraceFS

/// Why a trace could not be made or read: what was tried, what the answer was, and what to do.
public enum TracingError: Error {
    case traceFS(TraceFSError)
    case traceDat(TraceDatError)
    /// A format that the kernel or a file states cannot be used.
    case format(event: String, FormatError)
    /// The kernel has no kprobe events.
    case noKernelProbes(release: String)
    /// The kernel has no kprobe events, and its own events do not show these aliases, only others.
    case needsKernelProbes(release: String, aliases: [String])
    /// Nothing says which control groups sockets are of.
    case noControlGroups
    /// The kernel states no types.
    case noTypeInformation
    /// No probed function of this kernel shows an alias.
    case noProbes(aliases: [String])
    /// Known calls were made with the probes on, and none was seen.
    case blind(calls: Int)
    /// The file holds no events of ours.
    case noSocketEvents(path: String)
    /// In a container with process numbers of its own: what the kernel calls a process cannot be found out.
    case taskNumbersUnknown(process: Int32)
    /// The process may not open as many files as tracing takes.
    case fewDescriptors(wanted: Int, available: Int)
    /// The files of a recording cannot be listed or removed.
    case recordingFiles(String, Errno)
    /// The next file of a recording that is followed was removed before it was read.
    case nextFileRemoved(path: String)
    /// A file has the name of the next, and is none of the same recording.
    case nextFileStrange(path: String, before: String)
    /// A stream never says that nothing is missing.
    case endlessRound(bytes: Int)
    /// The command could not be started.
    case command(path: String, Errno)
    /// The events could not be written.
    case output(Errno)
}

extension TracingError: CustomStringConvertible {
    /// What was tried, what came of it, and what can be done.
    public var description: String {
        switch self {
        case .traceFS(let error): error.description
        case .traceDat(let error): error.description
        case .format(let event, let error):
            "cannot use the format of \(event): \(error)"
        case .noKernelProbes(let release):
            """
            cannot trace sockets: the running kernel (\(release)) has no kprobe events
            Fix: boot a kernel built with CONFIG_KPROBES and CONFIG_KPROBE_EVENTS; a trace.dat captured on \
            another machine can be read here with `sockftrace report FILE`
            """
        case .needsKernelProbes(let release, let aliases):
            """
            cannot trace \(aliases.joined(separator: ", ")): the running kernel (\(release)) has no kprobe events
            Fix: trace socket.send and socket.receive, which work here, or boot a kernel built with CONFIG_KPROBES \
            and CONFIG_KPROBE_EVENTS
            """
        case .noControlGroups:
            """
            cannot look for control groups: it is not known where this kernel notes the control group of a socket
            Fix: run sockftrace in a control group of its own, below a mount of cgroup2, and not in the root group; or \
            use --pid or --comm
            """
        case .noTypeInformation:
            """
            cannot take field offsets from the kernel's type information: /sys/kernel/btf/vmlinux cannot be read, or \
            is none
            Fix: use `--offsets calibrate`, which needs no type information
            """
        case .noProbes(let aliases):
            """
            cannot trace \(aliases.joined(separator: ", ")): the running kernel has none of the functions that would \
            show it
            Fix: `sockftrace list` shows what can be traced on this kernel
            """
        case .blind(let calls):
            """
            cannot trace sockets: of \(calls) known calls made with the probes on, none was seen
            Fix: `sockftrace doctor` says which functions were tried; make sure that kernel.ftrace_enabled is 1 \
            and that nobody switches probes off
            """
        case .noSocketEvents(let path):
            """
            \(path) holds no events of sockftrace
            Fix: record with `sockftrace record`, or with `sockftrace probes add` and \
            `trace-cmd record -e sockftrace`
            """
        case .taskNumbersUnknown(let process):
            """
            cannot tell what the kernel calls process \(process): this container has process numbers of its own
            Fix: run sockftrace with the process numbers of the machine, as with docker run --pid=host
            """
        case .fewDescriptors(let wanted, let available):
            """
            cannot trace: \(wanted) more open files are needed beside one per CPU, and \(available) are allowed
            Fix: raise the limit, as with `ulimit -n 1024`
            """
        case .recordingFiles(let path, let code):
            """
            cannot list or remove the files \(path).0001 and so on: \(code.description)
            Fix: choose a directory you can write to
            """
        case .nextFileRemoved(let path):
            """
            cannot follow the recording: it goes on in \(path), which was removed before it was read
            Fix: record with a larger --keep or --max-size
            """
        case .nextFileStrange(let path, let before):
            """
            cannot follow the recording: \(path) does not go on where \(before) ends
            Fix: follow \(path) by its own name
            """
        case .endlessRound(let bytes):
            """
            cannot put the stream's records in order: after \(bytes) bytes it has not said up to when none is missing
            Fix: record with a smaller --buffer-kb
            """
        case .command(let path, let code):
            "cannot run \(path): \(code.description)"
        case .output(let code):
            "cannot write the events: \(code.description)"
        }
    }
}
