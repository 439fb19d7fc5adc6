import EventOutput
import Glibc
import SocketAliases
import SocketTracing

var options = TraceOptions()
options.onlyOwnChildren = CommandLine.arguments.count > 1
do {
    var trace = try LiveTrace(options)
    let names = trace.flagSpec.flatMap { SocketFlagNames(compact: $0) } ?? .unknown
    let renderer = EventRenderer(format: .json, flagNames: names)
    var out = OutputBuffer()
    try trace.start()
    if CommandLine.arguments.count > 1 {
        var pid: pid_t = 0
        var argv: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.dropFirst().map { strdup($0) }
        argv.append(nil)
        posix_spawn(&pid, CommandLine.arguments[1], nil, nil, &argv, environ)
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            try trace.drain { items in
                for item in items { renderer.render(item, into: &out) }
            }
            usleep(20000)
        }
    }
    let report = try trace.stop { items in
        for item in items { renderer.render(item, into: &out) }
    }
    out.withUnsafeBytes { _ = write(1, $0.baseAddress, $0.count) }
    print("\(report.statistics) kernel \(report.kernel as Any) left \(report.leftBehind)\n")
} catch {
    print("sockftrace: \(error)\n")
    exit(1)
}
