internal import TraceFS

/// Whether this process may trace at all.
enum AccessChecks {
    static let all = [
        Check(name: "privileges") { examination in
            if examination.facts.isRoot { return [.ok("root")] }
            if case .success(let directory) = examination.directory, (try? directory.checkWritable()) != nil {
                return [.ok("not root, but tracefs may be written")]
            }
            return [.missing("not root, and tracefs may not be written", remedy: "run it as root, as with sudo")]
        },
        Check(name: "lockdown") { examination in
            switch examination.facts.lockdown {
            case nil: [.ok("no sign of any: \(SystemPlaces.lockdown) cannot be read")]
            case .some(.none): [.ok("none")]
            case .integrity: [.ok("integrity, which allows tracing")]
            case .confidentiality:
                [
                    .missing(
                        "confidentiality, which keeps tracefs shut",
                        remedy: "boot with lockdown=integrity or lockdown=none; secure boot may set it")
                ]
            }
        },
        Check(name: "tracefs") { examination in
            switch examination.directory {
            case .success(let directory): [.ok("mounted at \(directory.path)")]
            case .failure(let error) where error.kind == .notPermitted:
                [.unknown("mounted, but only root may enter", remedy: error.remedy ?? "run it as root")]
            case .failure(let error):
                [.missing(Self.reason(error), remedy: error.remedy ?? "")]
            }
        },
        Check(name: "switches") { examination in
            guard case .success = examination.directory else { return [] }
            guard let obstacle = ProbeSwitches().obstacle else { return [.ok("nothing keeps probes from firing")] }
            return [.missing(obstacle.description, remedy: obstacle.remedy)]
        },
        Check(name: "names of functions") { examination in
            switch examination.facts.pointerRestriction {
            case nil: [.unknown("/proc/sys/kernel/kptr_restrict cannot be read")]
            case let level?: [.ok("/proc/kallsyms is readable (kptr_restrict is \(level))")]
            }
        },
    ]

    private static func reason(_ error: TraceFSError) -> String {
        let message = error.kernelMessage ?? error.errno.map { "\($0)" } ?? "it cannot be read"
        return (error.path.map { "\($0): " } ?? "") + message
    }
}

/// Files that checks name.
enum SystemPlaces {
    static let lockdown = "/sys/kernel/security/lockdown"
    static let typeInformation = "/sys/kernel/btf/vmlinux"
}
