import LinuxSystem
import SystemPackage
import Testing

@testable import TraceDat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What is told from the first bytes alone.
@Suite struct ForeignStartTests {
    @Test(arguments: ["gzip", "zstd", "xz", "bzip2"]) func compressedFilesSayByWhat(_ program: String) throws {
        let folder = try Folder()
        let path = folder.file("trace.dat")
        try write(contents(of: "\(RecordedPages.fixtures)/v7-none.dat"), to: path)
        guard runProgram([program, "-k", path]).status == 0 else {
            print("\(program) is not installed: a file compressed by it is not tried")
            return
        }
        let packed = try #require(folder.names.first { $0 != "trace.dat" })
        let error = #expect(throws: TraceDatError.self) { _ = try TraceFile(path: FilePath(folder.file(packed))) }
        #expect(error?.kind == .notATraceFile)
        #expect(error?.problem == "this is a file compressed by \(program)")
        #expect(error?.remedy.contains("\(program) -dc") == true)
    }

    @Test func endlessStreamIsGivenUpAfterItsFirstBytes() throws {
        let zeros = try Descriptor(opening: "/dev/zero", .readOnly)
        let error = #expect(throws: TraceDatError.self) {
            _ = try TraceFile(descriptor: FileDescriptor(rawValue: zeros.raw), name: "standard input")
        }
        #expect(error?.kind == .notATraceFile)
    }

    #if DEBUG
        @Test func streamThatComesByteByByteIsJudgedWhenItsStartIsThere() throws {
            let pipe = try Pipe(capacity: 1 << 20)
            let bytes = try contents(of: "\(RecordedPages.fixtures)/v7-zstd.dat")
            #expect(try pipe.writeEnd.write(bytes.span.bytes) == bytes.count)
            let end = try Descriptor(duplicating: pipe.readEnd.raw)
            closeWriter(pipe)
            let script = CallScript { call, before in
                call.name == .read && before < 64 ? .transferAtMost(1) : nil
            }
            let raw = FileDescriptor(rawValue: end.raw)
            try script.run {
                let file = try TraceFile(descriptor: raw, name: "standard input")
                #expect(file.header.version == 7)
                #expect(file.damage == [])
            }
        }

        private func closeWriter(_ pipe: consuming Pipe) {}
    #endif
}
