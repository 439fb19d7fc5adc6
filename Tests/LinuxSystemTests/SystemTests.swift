import LinuxSystem
import SystemPackage
import Testing

@Suite struct SystemTests {
    @Test func filesOfNoSizeAreReadToTheirEnd() throws {
        let text = try Files.text(of: "/proc/self/status")
        #expect(text.split(separator: "\n").contains("Tgid:\t\(CurrentProcess.id)"))
    }

    @Test func theDirectoryOfOpenDescriptorsListsThem() throws {
        let pipe = try Pipe()
        let names = try Files.names(in: "/proc/self/fd")
        #expect(names.contains("\(pipe.readEnd.raw)"))
        #expect(!names.contains(".") && !names.contains(".."))
        #expect(Files.linkTarget("/proc/self/fd/\(pipe.readEnd.raw)")?.hasPrefix("pipe:[") == true)
    }

    @Test func aDirectoryCanBeListedTwice() throws {
        let directory = try Descriptor(opening: "/proc/self/task", [.readOnly, .directory])
        #expect(try directory.names() == directory.names())
    }

    @Test func everyDescriptorIsClosedWhenACommandIsStarted() throws {
        let pipe = try Pipe(capacity: 1 << 16)
        let copy = try Descriptor(duplicating: pipe.readEnd.raw)
        let temporary = try Descriptor(temporaryIn: "/tmp")
        for raw in [pipe.readEnd.raw, pipe.writeEnd.raw, copy.raw, temporary.raw] {
            let flags = try #require(
                Files.text(of: "/proc/self/fdinfo/\(raw)").split(separator: "\n").first { $0.hasPrefix("flags:") })
            // O_CLOEXEC, 02000000.
            #expect(UInt32(flags.dropFirst(6).drop { $0 == "\t" }, radix: 8).map { $0 & 0o2000000 != 0 } == true)
        }
    }

    @Test func aTemporaryFileHasNoName() throws {
        let file = try Descriptor(temporaryIn: "/tmp")
        let status = try file.status()
        #expect(status.kind == .regular)
        #expect(status.links == 0)
        #expect(status.mode == 0o600)
    }

    @Test func renamingWithinADirectoryFollowsTheDirectoryNotItsPath() throws {
        let path = "/tmp/sockftrace-files-\(CurrentProcess.id)"
        try Files.makeDirectory(path, mode: 0o700)
        defer { try? Files.removeDirectory(path + "-moved") }
        let directory = try Descriptor(opening: path, [.readOnly, .directory])
        let file = try Descriptor(opening: "one", in: directory, [.readWrite, .create, .exclusive])
        try Files.rename(path, to: path + "-moved")
        try directory.rename("one", to: "two")
        #expect(try directory.names() == ["two"])
        #expect(try directory.status(ofName: "two").identity == file.status().identity)
        try directory.unlink("two")
        #expect(throws: Errno.noSuchFileOrDirectory) { try directory.status(ofName: "two") }
    }

    @Test func onlyOneOpenFileHoldsTheLock() throws {
        let path = "/tmp/sockftrace-lock-\(CurrentProcess.id)"
        defer { try? Files.unlink(path) }
        do {
            let first = try Descriptor(opening: path, [.readWrite, .create])
            let second = try Descriptor(opening: path, .readOnly)
            #expect(try first.lock(waits: false))
            #expect(try !second.lock(waits: false))
        }
        let third = try Descriptor(opening: path, .readOnly)
        #expect(try third.lock(waits: false))
    }

    @Test func clocksRunForward() {
        let before = Clock.monotonic.now
        Clock.monotonic.sleep(until: before + 1_000_000)
        #expect(Clock.monotonic.now >= before + 1_000_000)
        // 2020-01-01.
        #expect(Clock.wall.now > 1_577_836_800_000_000_000)
    }

    @Test func errorNumbersHaveTheirSymbols() {
        #expect(Errno.noSuchFileOrDirectory.name == "ENOENT")
        #expect(Errno(rawValue: 95).name == "EOPNOTSUPP")
        #expect(Errno(rawValue: 4095).name == "error 4095")
    }
}
