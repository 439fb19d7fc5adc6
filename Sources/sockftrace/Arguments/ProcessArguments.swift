internal import ArgumentParser

/// Which processes to look at.
struct ProcessArguments: ParsableArguments {
    @Option(
        name: [.customLong("pid"), .customShort("p")],
        help: ArgumentHelp("Only this process; repeatable.", valueName: "pid"),
        completion: Completions.processes)
    var processes: [Int32] = []

    @Flag(
        name: [.customLong("follow"), .customShort("f")], help: "With --pid, also the descendants of these processes.")
    var followsChildren = false

    mutating func validate() throws {
        if let wrong = processes.first(where: { $0 <= 0 }) {
            throw ValidationError("--pid \(wrong): process numbers are greater than 0")
        }
        if followsChildren, processes.isEmpty {
            throw ValidationError("--follow needs --pid: without it, all processes are shown anyway")
        }
    }

    /// Makes sure that the processes exist and are processes.
    func checkAlive() throws(CommandFailure) {
        for process in processes {
            switch ProcessLookup.group(of: process) {
            case nil: throw CommandFailure("cannot trace process \(process): there is no such process")
            case process: continue
            case let leader?:
                throw CommandFailure(
                    "cannot trace process \(process): it is a thread of process \(leader)\nFix: --pid \(leader)")
            }
        }
    }
}
