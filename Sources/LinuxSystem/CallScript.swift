#if DEBUG
    package import SystemPackage
    internal import Synchronization

    /// What the kernel is made to answer while a test runs; debug builds only.
    ///
    ///     let script = CallScript(failing: .write, with: .noSpace, after: 2)
    ///     script.run { … }
    ///
    /// It holds for the calls of the task or thread that runs the closure, so tests that run beside are not touched.
    package final class CallScript: Sendable {
        /// What a call gets instead of the kernel's answer.
        package enum Answer: Sendable, Equatable {
            /// It fails, and the kernel never sees it.
            case fail(Errno)
            /// It moves no more than so many bytes.
            case transferAtMost(Int)
        }

        /// A call that was about to be made.
        package struct Call: Sendable, Equatable, CustomStringConvertible {
            package var name: SystemCallName
            /// The path it opens, the text it writes; empty for others.
            package var detail: String
            package var description: String { detail.isEmpty ? name.rawValue : "\(name.rawValue) \(detail)" }
        }

        private let rule: @Sendable (Call, Int) -> Answer?
        private let made = Mutex<[Call]>([])

        @TaskLocal static var current: CallScript?

        /// A script that answers by a rule.
        /// - Parameter rule: gets the call and how many of that name were made before it; nil lets the kernel answer.
        package init(_ rule: @escaping @Sendable (_ call: Call, _ before: Int) -> Answer?) {
            self.rule = rule
        }

        /// A script that only keeps the log.
        package convenience init() {
            self.init { _, _ in nil }
        }

        /// A script in which the calls of one name fail, `times` of them after the first `skipped` went well.
        package convenience init(
            failing name: SystemCallName, with error: Errno, times: Int = .max, after skipped: Int = 0
        ) {
            self.init { call, before in
                call.name == name && before >= skipped && before - skipped < times ? .fail(error) : nil
            }
        }

        /// The calls made so far, those that failed by the script included.
        package var log: [Call] { made.withLock { $0 } }

        /// Runs a closure under the script.
        package func run<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
            let outcome: Result<Value, Failure> = Self.$current.withValue(self) {
                do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
            }
            return try outcome.get()
        }

        func answer(to name: SystemCallName, _ detail: String) -> Answer? {
            let call = Call(name: name, detail: detail)
            let before = made.withLock { calls in
                defer { calls.append(call) }
                return calls.count { $0.name == name }
            }
            return rule(call, before)
        }
    }
#endif
