/// The functions that /proc/kallsyms names.
package struct KernelSymbols: Sendable, Equatable {
    /// How many text symbols bear a name; a name that is not unique cannot be probed.
    private var counts: [String: Int]
    /// Where the functions of the kernel itself are, without those of modules; empty where it hides that.
    private var addresses: [String: UInt64] = [:]

    /// - Parameter names: the names of text symbols, once for each symbol.
    package init(names: some Sequence<String>) {
        counts = [:]
        for name in names { counts[name, default: 0] += 1 }
    }

    /// Reads the lines of /proc/kallsyms (`address type name [module]`), keeping only names that are asked for.
    /// - Parameter wanted: kallsyms has 200,000 lines; nearly all are of no interest.
    package init(kallsyms: [UInt8], wanted: Set<String>) {
        counts = [:]
        let filter = NameFilter(wanted)
        KallsymsLine.forEach(in: kallsyms.span) { line in
            guard line.isFunction, filter.mayHold(line.name, in: kallsyms.span) else { return }
            let text = String(decoding: kallsyms[line.name], as: UTF8.self)
            guard wanted.contains(text) else { return }
            counts[text, default: 0] += 1
            if line.module == nil, let address = line.number(in: kallsyms.span), address > 0 {
                addresses[text] = address
            }
        }
    }

    /// Adds a function that was found by another way than its name, under a name that is its own.
    package mutating func add(_ name: String) { counts[name] = 1 }

    /// The kernel has exactly one function of that name.
    package func canProbe(_ name: String) -> Bool {
        counts[name] == 1
    }

    /// Where the only function of that name is; nil where that is not known.
    package func address(of name: String) -> UInt64? {
        canProbe(name) ? addresses[name] : nil
    }
}
