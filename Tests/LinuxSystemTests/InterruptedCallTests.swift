#if DEBUG
    import LinuxSystem
    import SystemPackage
    import Testing

    /// What callers see when the kernel interrupts, refuses or shortens a call.
    @Suite struct InterruptedCallTests {
        private func temporaryFile() throws -> Descriptor { try Descriptor(temporaryIn: "/tmp") }

        @Test func aCallThatIsInterruptedThreeTimesIsMadeAFourthTime() throws {
            let script = CallScript(failing: .pwrite, with: .interrupted, times: 3)
            let file = try temporaryFile()
            let outcome = script.run { [1, 2, 3].withUnsafeBytes { file.writeFully(at: 0, from: $0) } }
            #expect(outcome.written == 24)
            #expect(outcome.error == nil)
            #expect(script.log.map(\.name) == [.pwrite, .pwrite, .pwrite, .pwrite])
        }

        @Test func anInterruptionIsReportedToWhoWaitsForIt() throws {
            let script = CallScript(failing: .poll, with: .interrupted)
            let error = #expect(throws: Errno.self) {
                try script.run { () throws(Errno) in
                    try SystemCall.make(.poll, ifInterrupted: .report) { Int32(0) }
                }
            }
            #expect(error == .interrupted)
            #expect(script.log.count == 1)
        }

        @Test func shortWritesGoOnWhereTheyStopped() throws {
            let file = try temporaryFile()
            let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
            let script = CallScript { call, _ in call.name == .pwrite ? .transferAtMost(7) : nil }
            let outcome = script.run { bytes.withUnsafeBytes { file.writeFully(at: 5, from: $0) } }
            #expect(outcome.written == 1000)
            #expect(script.log.count == 143)
            var back = [UInt8](repeating: 0, count: 1005)
            let count = try back.withUnsafeMutableBytes { buffer throws(Errno) in
                try file.readFully(at: 0, into: buffer)
            }
            #expect(count == 1005)
            #expect(back == [0, 0, 0, 0, 0] + bytes)
        }

        @Test func shortReadsAreNotTakenForTheEnd() throws {
            let file = try temporaryFile()
            let bytes = (0..<500).map { UInt8(truncatingIfNeeded: $0) }
            _ = bytes.withUnsafeBytes { file.writeFully(at: 0, from: $0) }
            let script = CallScript { call, _ in [.read, .pread].contains(call.name) ? .transferAtMost(3) : nil }
            #expect(try script.run { () throws(Errno) in try file.contents() } == bytes)
        }

        @Test func aFullDiskSaysHowMuchWasWritten() throws {
            let file = try temporaryFile()
            let script = CallScript { call, before in
                guard call.name == .pwrite else { return nil }
                return before < 2 ? .transferAtMost(10) : .fail(.noSpace)
            }
            let outcome = script.run {
                [UInt8](repeating: 1, count: 100).withUnsafeBytes { file.writeFully(at: 0, from: $0) }
            }
            #expect(outcome.written == 20)
            #expect(outcome.error == .noSpace)
        }

        @Test func emptyPipesWouldHaveToWait() throws {
            let pipe = try Pipe()
            let script = CallScript(failing: .read, with: .resourceTemporarilyUnavailable, times: 1)
            let error = #expect(throws: Errno.self) {
                try script.run { () throws(Errno) in
                    var byte: UInt8 = 0
                    _ = try withUnsafeMutableBytes(of: &byte) { buffer throws(Errno) in
                        try pipe.readEnd.read(into: buffer)
                    }
                }
            }
            #expect(error == .resourceTemporarilyUnavailable)
        }

        @Test func aScriptEndsWithItsClosure() throws {
            let script = CallScript(failing: .open, with: .tooManyOpenFiles)
            #expect(throws: Errno.tooManyOpenFiles) {
                try script.run { () throws(Errno) in _ = try Files.bytes(of: "/proc/self/stat") }
            }
            #expect(try !Files.bytes(of: "/proc/self/stat").isEmpty)
            #expect(script.log.map(\.description) == ["open /proc/self/stat"])
        }
    }
#endif
