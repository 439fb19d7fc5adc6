/// Where the kernel's functions lie, and how one of them is named to tracefs.
struct SymbolTable: Sendable {
    private struct Entry: Sendable {
        var address: UInt64
        /// Where the name and the module's name lie in the text.
        var name: Range<Int>
        var module: Range<Int>?
    }

    private let text: [UInt8]
    /// By address.
    private let entries: [Entry]
    /// Of the addresses that were asked for, those at which a function begins, and its index.
    private var found: [UInt64: Int] = [:]

    /// - Parameter kallsyms: /proc/kallsyms, as it is.
    init(_ kallsyms: [UInt8]) {
        text = kallsyms
        var entries: [Entry] = []
        KallsymsLine.forEach(in: kallsyms.span) { line in
            guard line.isFunction, let address = line.number(in: kallsyms.span), address > 0 else { return }
            entries.append(Entry(address: address, name: line.name, module: line.module))
        }
        self.entries = entries.sorted { $0.address < $1.address }
    }

    /// The address of the only function of a name; nil where there is none or more than one.
    func address(of name: String) -> UInt64? {
        let places = places(named: Array(name.utf8)[...])
        return places.count == 1 ? entries[places[0]].address : nil
    }

    /// Looks for functions at some addresses, for the questions that follow.
    mutating func find(_ addresses: Set<UInt64>) {
        for (place, entry) in entries.enumerated() where addresses.contains(entry.address) {
            // One that has several names is best known by one that is its own.
            if let other = found[entry.address], isUnique(other) { continue }
            found[entry.address] = place
        }
    }

    /// A function begins there; of addresses that were looked for.
    func isFunction(_ address: UInt64) -> Bool { found[address] != nil }

    /// How to name and to probe the function at an address that was looked for.
    ///
    /// By name where it is the only one of that name, by its module where it is the only one there, else by the distance
    /// from a function before it that is the only one of its name. An address itself would do, too, but then the kernel
    /// takes no `$argN` (TPARG_FL_FENTRY is for symbols, kernel/trace/trace_kprobe.c).
    /// - Parameters:
    ///   - title: what to call one that its name does not tell from others.
    ///   - trustsNames: false where only the last way is to be taken.
    func function(at address: UInt64, inTable title: String, trustsNames: Bool) -> ProtocolFunctions.Function? {
        guard let place = found[address] else { return nil }
        let entry = entries[place]
        let name = String(decoding: text[entry.name], as: UTF8.self)
        if trustsNames, isUnique(place) { return .init(name) }
        if trustsNames, let module = entry.module {
            let places = places(named: text[entry.name]).filter { self.module($0) == self.module(place) }
            if places.count == 1 { return .init(String(decoding: text[module], as: UTF8.self) + ":" + name) }
        }
        return landmark(before: place).map { .init(title, place: $0) }
    }

    /// `FUNCTION+DISTANCE`.
    private func landmark(before place: Int) -> String? {
        // What is between is a few functions as a rule; looking for a name costs a walk through all of them.
        for landmark in entries.indices[..<place].suffix(16).reversed()
        where module(landmark) == module(place) && isUnique(landmark) {
            let name = String(decoding: text[entries[landmark].name], as: UTF8.self)
            return "\(name)+\(entries[place].address - entries[landmark].address)"
        }
        return nil
    }

    private func module(_ place: Int) -> ArraySlice<UInt8>? { entries[place].module.map { text[$0] } }

    private func isUnique(_ place: Int) -> Bool { places(named: text[entries[place].name]).count == 1 }

    private func places(named name: ArraySlice<UInt8>) -> [Int] {
        let count = name.count
        return entries.indices.filter { entries[$0].name.count == count && text[entries[$0].name] == name }
    }
}
