#if DEBUG
    import LinuxSystem
    import ProbePlanning
    import SocketEvents
    import Testing
    import TraceFS

    @testable import SocketTracing

    /// Setting up a trace on a kernel that refuses one change after the other: it is undone each time.
    @Suite struct SetupOrderTests {
        private static let functions = [
            "__sock_sendmsg", "sock_sendmsg", "____sys_sendmsg", "sock_write_iter", "do_writev", "sock_sendpage",
        ]

        private static var options: TraceOptions {
            var options = TraceOptions()
            options.aliases = AliasSet([.send])
            options.skipsSelfTest = true
            return options
        }

        /// Sets a trace up and takes it down.
        private func run(_ kernel: StandInKernel) throws(TracingError) {
            let knowledge = kernel.knowledge(Self.functions)
            let setup = try TraceSetup(knowledge, Self.options)
            setup.end()
        }

        @Test func `An instance comes first, then probes, then their switches; it goes the other way`() throws {
            let kernel = StandInKernel()
            try kernel.script().run { () throws(TracingError) in try run(kernel) }
            let steps = kernel.steps
            let made = try #require(steps.firstIndex { $0.hasPrefix("mkdir INSTANCE") })
            let off = try #require(steps.firstIndex { $0.hasPrefix("INSTANCE/tracing_on = 0") })
            let defined = steps.indices.filter { steps[$0].hasPrefix("dynamic_events = p:") }
            let first = try #require(defined.first)
            let removed = try #require(steps.firstIndex { $0.hasPrefix("dynamic_events = -:") })
            let gone = try #require(steps.firstIndex { $0.hasPrefix("rmdir INSTANCE") })
            let disabled = try #require(steps.lastIndex { $0 == "INSTANCE/events/enable = 0" })
            #expect(defined.count == Self.functions.count)
            #expect(made < off && off < first && defined.allSatisfy { $0 < disabled })
            #expect(disabled < removed && removed < gone && gone == steps.count - 1)
            #expect(kernel.probes.isEmpty && kernel.instances.isEmpty)
        }

        @Test func `Whatever change the kernel refuses, nothing is left of those before it`() throws {
            let whole = StandInKernel()
            try whole.script().run { () throws(TracingError) in try run(whole) }
            let last = try #require(
                whole.steps.lastIndex { $0.hasPrefix("dynamic_events = p:") || $0.hasPrefix("dynamic_events = r") })
            #expect(last > 10)
            for step in 0...last {
                let kernel = StandInKernel()
                var failure: TracingError?
                do {
                    try kernel.script(refusing: step).run { () throws(TracingError) in try run(kernel) }
                } catch {
                    failure = error
                }
                let refused = whole.steps[step]
                #expect(kernel.steps.contains("refused: " + refused))
                #expect(kernel.probes.isEmpty && kernel.instances.isEmpty, "\(refused)")
                // A probe that is not there would not show what it has to.
                if refused.hasPrefix("dynamic_events") { #expect(failure != nil, "\(refused)") }
            }
        }

        @Test func `A kernel whose probes record nothing is found blind by known calls`() throws {
            let kernel = StandInKernel()
            var options = Self.options
            options.skipsSelfTest = false
            let knowledge = kernel.knowledge(Self.functions)
            let verdict = try kernel.script().run { () throws(TracingError) -> SelfTestVerdict? in
                let setup = try TraceSetup(knowledge, options)
                let verdict = setup.verdict
                setup.end()
                return verdict
            }
            #expect(verdict?.standing == .blind)
            #expect(verdict?[.send] == .missed)
            #expect(kernel.probes.isEmpty && kernel.instances.isEmpty)
        }
    }
#endif
