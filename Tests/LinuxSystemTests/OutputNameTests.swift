import LinuxSystem
import SystemPackage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Files opened for writing where others may have put something.
@Suite struct OutputNameTests {
    private static let writing: OpenFlags = [.readWrite, .create, .nonBlocking, .noControllingTerminal]

    /// A new directory, removed with what is in it.
    private func withDirectory(mode: UInt32, _ body: (String) throws -> Void) throws {
        var template = Array("/tmp/sockftrace-output-XXXXXX".utf8CString)
        let path = String(cString: try #require(mkdtemp(&template)))
        defer {
            for name in (try? Files.names(in: path)) ?? [] { try? Files.unlink("\(path)/\(name)") }
            try? Files.removeDirectory(path)
        }
        try #require(chmod(path, mode) == 0)
        try body(path)
    }

    private func refusal(_ path: String) -> OutputRefusal? {
        do throws(OutputRefusal) {
            _ = try OutputName(opening: path, Self.writing, mode: 0o600)
            return nil
        } catch {
            return error
        }
    }

    @Test func linksAreFollowedToTheDirectoryOfTheFile() throws {
        try withDirectory(mode: 0o700) { path in
            try #require(symlink("second", path + "/first") == 0 && symlink("\(path)/third", path + "/second") == 0)
            let output = try OutputName(opening: path + "/first", Self.writing, mode: 0o640)
            let name = output.name
            #expect(name == "third")
            let isInPlace = output.isInPlace
            #expect(isInPlace)
            #expect(try output.file.status().mode & ~0o640 == 0)
            output.remove()
            #expect(try Files.names(in: path).sorted() == ["first", "second"])
        }
    }

    @Test func circleOfLinksEnds() throws {
        try withDirectory(mode: 0o700) { path in
            try #require(symlink("b", path + "/a") == 0 && symlink("a", path + "/b") == 0)
            #expect(refusal(path + "/a") == .system(.tooManySymbolicLinkLevels))
        }
    }

    @Test func directoriesAndEmptyNamesAreNoFiles() throws {
        #expect(refusal("/tmp") == .system(.isDirectory))
        #expect(refusal("/tmp/") == .system(.isDirectory))
        #expect(refusal("") == .system(.isDirectory))
        #expect(refusal("/nowhere/file") == .system(.noSuchFileOrDirectory))
    }

    @Test(.enabled(if: geteuid() == 0, "making another user's files needs root"), arguments: [0o1777, 0o777, 0o1755])
    func anotherUsersLinksAndFilesAreRefusedWhereAllMayPutThem(_ mode: Int) throws {
        try withDirectory(mode: UInt32(mode)) { path in
            try #require(symlink("/etc/passwd", path + "/link") == 0 && lchown(path + "/link", 65534, 65534) == 0)
            _ = try Descriptor(opening: path + "/file", [.readWrite, .create])
            try #require(chown(path + "/file", 65534, 65534) == 0)
            let isForEverybody = mode == 0o1777
            #expect(refusal(path + "/file") == (isForEverybody ? .anotherUsersFile : nil))
            if isForEverybody { #expect(refusal(path + "/link") == .anotherUsersLink) }
            // Its own are its own anywhere.
            try #require(symlink("own", path + "/own-link") == 0)
            #expect(refusal(path + "/own-link") == nil)
            #expect(refusal(path + "/own") == nil)
        }
    }

    @Test func descriptorsByTheirNamesInProcAreWrittenTo() throws {
        let pipe = try Pipe()
        let output = try OutputName(opening: "/dev/fd/\(pipe.writeEnd.raw)", [.writeOnly], mode: 0o600)
        #expect(try output.file.status().kind == .pipe)
        let isInPlace = output.isInPlace
        #expect(isInPlace)
    }

    @Test func fileWithoutItsNameIsNotInPlace() throws {
        try withDirectory(mode: 0o700) { path in
            let output = try OutputName(opening: path + "/file", Self.writing, mode: 0o600)
            try Files.rename(path + "/file", to: path + "/other")
            let isRenamedInPlace = output.isInPlace
            #expect(!isRenamedInPlace)
            _ = try Descriptor(opening: path + "/file", [.readWrite, .create])
            let isReplacedInPlace = output.isInPlace
            #expect(!isReplacedInPlace)
            output.remove()
            #expect(try Files.names(in: path).sorted() == ["file", "other"])
        }
    }
}
