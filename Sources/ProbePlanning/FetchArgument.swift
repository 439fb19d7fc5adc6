/// One argument that a probe fetches: `name=expression:type` (Documentation/trace/kprobetrace.rst).
package struct FetchArgument: Sendable, Equatable {
    /// The kernel takes no longer text (MAX_ARGSTR_LEN in kernel/trace/trace_probe.h), in bytes.
    static let longest = 63

    /// The field of the record that it becomes.
    package var name: String
    /// Where the kernel finds the value: a register, or memory behind one.
    package var expression: String
    /// The value's type in the kernel's words, such as `u16` or `x64[2]`.
    package var type: String

    /// An argument of these parts.
    package init(_ name: String, _ expression: String, _ type: String) {
        self.name = name
        self.expression = expression
        self.type = type
    }

    /// As a definition has it.
    package var text: String { "\(name)=\(expression):\(type)" }
}

/// The way to a value: an argument of the probed function, or memory that is reached from one.
struct Expression: Sendable, Equatable {
    var text: String

    /// What lies at an offset behind this pointer.
    func at(_ offset: Int) -> Expression {
        Expression(text: "\(offset < 0 ? "" : "+")\(offset)(\(text))")
    }
}

/// How a function's arguments are fetched on the running kernel.
package struct CallingConvention: Sendable, Equatable {
    /// Registers by argument, where the kernel does not know `$argN` (before 4.20); nil where it does.
    package var registers: [String]?
    /// The register of what a function returns, where `$retval` cannot be used; nil where nobody has needed it.
    var result: String?
    /// Bytes of a `long` and of a pointer.
    package var wordSize: Int

    /// `$argN` and this machine's words unless told otherwise.
    package init(registers: [String]? = nil, result: String? = nil, wordSize: Int = MemoryLayout<UInt>.size) {
        self.registers = registers
        self.result = result
        self.wordSize = wordSize
    }

    /// `$argN` as the kernel resolves it.
    package static let byNumber = CallingConvention()

    /// The registers of first arguments, and of what is returned where anybody asks for it, by the names that uname(2) gives
    /// machines (arch/*/include/asm/ptrace.h).
    private static let byMachine: [(names: [String], convention: CallingConvention)] = [
        (
            ["x86_64"],
            CallingConvention(registers: ["%di", "%si", "%dx", "%cx", "%r8", "%r9"], result: "%ax", wordSize: 8)
        ),
        // Kernels are built with -mregparm=3; further arguments are on the stack above the return address.
        (
            ["i386", "i486", "i586", "i686"],
            CallingConvention(registers: ["%ax", "%dx", "%cx", "$stack1", "$stack2", "$stack3"], wordSize: 4)
        ),
        (["aarch64"], CallingConvention(registers: numbered("%x", 0..<8), result: "%x0", wordSize: 8)),
        (
            ["armv5tel", "armv6l", "armv7l", "arm"],
            CallingConvention(registers: ["%r0", "%r1", "%r2", "%r3", "$stack0", "$stack1"], wordSize: 4)
        ),
        (["riscv64"], CallingConvention(registers: numbered("%a", 0..<8), wordSize: 8)),
        (["ppc64", "ppc64le"], CallingConvention(registers: numbered("%gpr", 3..<11), wordSize: 8)),
        // The sixth argument lies above the register save area of 160 bytes.
        (["s390x"], CallingConvention(registers: ["%r2", "%r3", "%r4", "%r5", "%r6", "$stack20"], wordSize: 8)),
        (["mips"], CallingConvention(registers: numbered("%r", 4..<8), wordSize: 4)),
        (["mips64"], CallingConvention(registers: numbered("%r", 4..<12), wordSize: 8)),
    ]

    private static func numbered(_ prefix: String, _ numbers: Range<Int>) -> [String] {
        numbers.map { "\(prefix)\($0)" }
    }

    /// The names of machines whose registers are known.
    package static var machines: [String] { byMachine.flatMap(\.names) }

    /// How functions are called on a machine; nil where its registers are not known.
    package static func registers(machine: String) -> CallingConvention? {
        byMachine.first { $0.names.contains(machine) }?.convention
    }

    /// The argument at a position that counts from 1, if it can be fetched.
    func argument(_ number: Int) -> Expression? {
        guard let registers else { return Expression(text: "$arg\(number)") }
        guard registers.indices.contains(number - 1) else { return nil }
        return Expression(text: registers[number - 1])
    }

    /// The argument at a position that counts from 1, as a probe definition has it; nil where it cannot be fetched.
    package func argumentText(_ number: Int) -> String? { argument(number)?.text }

    /// The type of an unsigned word.
    package var word: String { wordSize == 8 ? "x64" : "x32" }
    var size: String { wordSize == 8 ? "u64" : "u32" }
}
