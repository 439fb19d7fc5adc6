import Foundation
import Testing

/// Packages of Python's own archive that some judges need, in an environment that `scripts/test` makes.
enum PythonPackages {
    static let interpreter = ProcessInfo.processInfo.environment["SOCKFTRACE_PYTHON"] ?? newest ?? "python3"
    static let areThere = interpreter != "python3"
    static let reason: Comment = "no Python with the packages of scripts/lib/python.sh; scripts/test installs them"

    private static let newest: String? = {
        let folder = FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache/sockftrace/python")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().map { folder.appending(path: "\($0)/bin/python").path }
            .last { FileManager.default.isExecutableFile(atPath: $0) }
    }()
}

/// What `export` makes, judged by programs that are not ours.
@Suite("Exports")
struct ExportTests {
    private static let judges = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Exports")

    /// Runs a judge with the program and recordings; what it says is shown where it disagrees.
    private func judge(_ name: String, _ recordings: [String], by interpreter: String = "python3") throws {
        let (status, said) = try Judge.run(
            [interpreter, Self.judges.appending(path: name).path, Program.path.path] + recordings)
        #expect(status == 0 && said.contains("checks passed"), "\(said.suffix(2000))")
    }

    private static func fixture(_ name: String) -> String { Recordings.fixtures.appending(path: name).path }

    @Test(
        "Every event, connection and sum of a database is what the other commands tell",
        arguments: [
            ["endpoints/newest/own.dat"], ["endpoints/6.1/own.dat"], ["kernels/5.10/own.dat"],
            ["endpoints/newest/own.dat", "endpoints/6.1/own.dat"], ["foreign/s390x/trace-cmd-zstd.dat"],
        ])
    func databases(_ names: [String]) throws {
        try judge("sqlite", names.map(Self.fixture))
    }

    @Test(
        "A page shows in a browser what the other commands tell, and leads from each mark to its events",
        arguments: [
            ["endpoints/newest/own.dat"], ["kernels/6.1/own.dat"],
            ["endpoints/newest/own.dat", "endpoints/6.1/own.dat"],
        ])
    func pages(_ names: [String]) throws {
        try judge("html", names.map(Self.fixture))
    }

    /// Eight bytes each, as long as the name that they stand for.
    @Test(
        "What a trace says is text in a page, whatever it looks like",
        arguments: ["</script", "<b>\u{2028}'\"", "\u{202e}<!--\u{1b}", "<img/*>&"])
    func hostilePage(_ name: String) throws {
        try judge("html", ["--forge", name, Self.fixture("kernels/6.1/trace-cmd-none.dat")])
    }

    // MARK: With Python packages

    @Test(
        "A timeline has every call, connection, sum and loss by Perfetto's own schema, and as JSON the same",
        .enabled(if: PythonPackages.areThere, PythonPackages.reason),
        arguments: [
            ["endpoints/newest/own.dat"], ["kernels/6.1/own.dat"], ["foreign/s390x/trace-cmd-zstd.dat"],
            ["endpoints/newest/own.dat", "endpoints/6.1/own.dat"],
        ])
    func timelines(_ names: [String]) throws {
        try judge("perfetto", names.map(Self.fixture), by: PythonPackages.interpreter)
    }

    @Test(
        "What a trace says is text in a timeline, and losses are marked",
        .enabled(if: PythonPackages.areThere, PythonPackages.reason),
        arguments: ["</script", "<b>\u{2028}'\"", "\u{202e}<!--\u{1b}"])
    func hostileTimeline(_ name: String) throws {
        let recording = Self.fixture("kernels/6.1/trace-cmd-none.dat")
        try judge("perfetto", ["--forge", name, recording], by: PythonPackages.interpreter)
    }

    @Test(
        "The documented queries of DuckDB and pandas give the results that are printed beside them",
        .enabled(if: PythonPackages.areThere, PythonPackages.reason))
    func documentedQueries() throws {
        try judge("queries", [], by: PythonPackages.interpreter)
    }

    // MARK: The file

    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "exports-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func names(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test("What is no file of one's own to be made is refused with the reason, and nothing is left behind")
    func refusals() throws {
        try inFolder { folder in
            let recording = folder.appending(path: "trace.dat")
            try FileManager.default.copyItem(at: URL(filePath: Recordings.own), to: recording)
            try FileManager.default.createSymbolicLink(
                at: folder.appending(path: "link.sqlite"), withDestinationURL: recording)
            try FileManager.default.createDirectory(
                at: folder.appending(path: "folder.sqlite"), withIntermediateDirectories: true)
            let before = try names(in: folder)
            for (arguments, reason) in [
                (["-o", "-", "--format", "sqlite"], "name a file"),
                (["-o", "/dev/null", "--format", "sqlite"], "it is no file"),
                (["-o", folder.appending(path: "folder.sqlite").path], "it is no file"),
                (["-o", folder.appending(path: "link.sqlite").path], "another name"),
                (["-o", folder.appending(path: "result").path], "add --format"),
                (["-o", folder.appending(path: "result.json").path], "add --format chrome for a timeline"),
                (["-o", folder.appending(path: "result.csv").path], "sockftrace report --format csv"),
                (["-o", folder.appending(path: "none/x.sqlite").path], "No such file"),
            ] {
                let outcome = try Program.run(["export", recording.path] + arguments)
                #expect(outcome.status != 0 && outcome.messages.contains(reason), "\(arguments): \(outcome)")
                #expect(try names(in: folder) == before)
            }
            #expect(try Data(contentsOf: recording) == Data(contentsOf: URL(filePath: Recordings.own)))
        }
    }

    @Test(
        "connections makes the same exports as export, and of no recording that does not tell who talked to whom",
        arguments: ["perfetto", "chrome"])
    func connections(format: String) throws {
        try inFolder { folder in
            let (one, other) = (folder.appending(path: "one"), folder.appending(path: "other"))
            let recording = Self.fixture("endpoints/newest/own.dat")
            for (command, file) in [("connections", one), ("export", other)] {
                let outcome = try Program.run([command, recording, "--format", format, "-o", file.path])
                #expect(outcome.status == 0, "\(outcome)")
            }
            let made = try Data(contentsOf: one)
            #expect(try made == Data(contentsOf: other) && made.count > 10_000)

            for (arguments, status, reason) in [
                (["--format", format], Int32(2), "add -o FILE"),
                (["--format", format, "-o", one.path, "--wide"], 2, "cannot be combined"),
                (["--format", format, "-o", one.path, "-i", Self.fixture("kernels/6.1/own.dat")], 1, "between whom"),
            ] {
                let outcome = try Program.run(["connections", recording] + arguments)
                #expect(outcome.status == status && outcome.messages.contains(reason), "\(arguments): \(outcome)")
            }
            #expect(try Data(contentsOf: one) == made)
            #expect(try names(in: folder) == ["one", "other"])
        }
    }

    @Test("A file that was there is replaced when the new one is complete, and stays where the disk is full")
    func replacement() throws {
        try inFolder { folder in
            let path = folder.appending(path: "events.sqlite")
            try Data("old".utf8).write(to: path)
            // Less than a database of no events takes.
            let failed = try Program.run(
                ["export", Recordings.own, "-o", path.path], under: ["bash", "-c", "ulimit -f 16; exec \"$@\"", "bash"])
            #expect(failed.status == 1 && failed.messages.contains("cannot write a database to"), "\(failed)")
            #expect(try String(contentsOf: path, encoding: .utf8) == "old")
            #expect(try names(in: folder) == ["events.sqlite"])

            let done = try Program.run(["export", Recordings.own, "-o", path.path])
            #expect(done.status == 0, "\(done)")
            #expect(try Data(contentsOf: path).starts(with: Data("SQLite format 3".utf8)))
            #expect(try names(in: folder) == ["events.sqlite"])
        }
    }
}
