/// Finds the protocols' own functions through the tables (`struct proto_ops`) that hold them.
///
/// Every such table is a symbol in /proc/kallsyms, where that shows data and addresses. Where its members lie follows
/// from the tables of protocols that every kernel has, since of these it is known which function is where. Then each
/// symbol that may be a table is one if its members say so: its family is a small number, and two functions are where
/// sendmsg and recvmsg have to be. That takes no list of the kernel's protocols, and no name that is unique.
package struct ProtocolSearch: Sendable {
    /// A symbol that may be a table of a protocol's functions.
    package struct Table: Sendable, Equatable {
        package var name: String
        package var address: UInt64
        /// Bytes up to the next symbol.
        package var room: UInt64
    }

    /// A table whose functions are known by name.
    package struct KnownTable: Sendable, Equatable {
        package var address: UInt64
        package var family: UInt64
        /// The functions' addresses.
        package var sending: UInt64
        package var receiving: UInt64
    }

    /// Where the members lie in a table.
    package struct Members: Sendable, Equatable {
        package var family: StructLayout.Place
        package var sending: StructLayout.Place
        package var receiving: StructLayout.Place

        /// Bytes that a table has at least.
        var size: Int { [family, sending, receiving].reduce(0) { max($0, $1.offset + $1.width) } }
    }

    /// What the members of a table hold.
    package struct Contents: Sendable, Equatable {
        package var table: Table
        package var family: UInt64
        package var sending: UInt64
        package var receiving: UInt64

        package init(of table: Table, family: UInt64, sending: UInt64, receiving: UInt64) {
            self.table = table
            self.family = family
            self.sending = sending
            self.receiving = receiving
        }
    }

    package let wordSize: Int
    private let symbols: FunctionAddresses
    private let trustsNames: Bool
    private let tables: [Table]

    /// - Parameters:
    ///   - kallsyms: /proc/kallsyms, as it is.
    ///   - trustsNames: whether a function is probed by its name where that is its own; else by where it lies.
    /// - Returns: nil where it shows no data or no addresses.
    package init?(kallsyms: [UInt8], wordSize: Int, trustsNames: Bool = true) {
        self.wordSize = wordSize
        self.trustsNames = trustsNames
        symbols = FunctionAddresses(kallsyms)
        var named: [(name: Range<Int>, address: UInt64)] = []
        var data: [UInt64] = []
        KallsymsLine.forEach(in: kallsyms.span) { line in
            guard line.isData, let address = line.number(in: kallsyms.span), address > 0 else { return }
            data.append(address)
            if Self.mayNameTable(line.name, in: kallsyms.span) { named.append((line.name, address)) }
        }
        guard !named.isEmpty else { return nil }
        data.sort()
        tables = named.map { name, address in
            let next = data[data.firstPlace(above: address)...].first ?? .max
            return Table(
                name: String(decoding: kallsyms[name], as: UTF8.self), address: address, room: next - address)
        }
    }

    /// All of them have `ops` in their names (`inet_stream_ops`, `packet_ops_spkt`, `algif_hash_ops_nokey`).
    private static func mayNameTable(_ name: Range<Int>, in text: Span<UInt8>) -> Bool {
        guard name.count >= 3 else { return false }
        for start in name.lowerBound...name.upperBound - 3
        where text[start] == UInt8(ascii: "o") && text[start + 1] == UInt8(ascii: "p")
            && text[start + 2] == UInt8(ascii: "s")
        {
            return true
        }
        return false
    }

    // MARK: Where the members lie

    /// Tables that the kernel has, of protocols whose functions have had these names in every kernel since 2.6.
    package var known: [KnownTable] {
        let expected: [(table: String, family: UInt64, function: String)] = [
            ("inet_stream_ops", 2, "inet"), ("inet_dgram_ops", 2, "inet"),
            ("unix_stream_ops", 1, "unix_stream"), ("unix_dgram_ops", 1, "unix_dgram"),
            ("unix_seqpacket_ops", 1, "unix_seqpacket"), ("netlink_ops", 16, "netlink"),
            ("packet_ops", 17, "packet"),
        ]
        return expected.compactMap { name, family, function in
            let found = tables.filter { $0.name == name }
            guard found.count == 1, let sending = symbols.address(of: function + "_sendmsg"),
                let receiving = symbols.address(of: function + "_recvmsg")
            else { return nil }
            return KnownTable(address: found[0].address, family: family, sending: sending, receiving: receiving)
        }
    }

    /// Where the known tables hold what they must.
    /// - Parameter memories: the beginnings of tables among ``known``.
    /// - Returns: nil where they do not agree on one place for each.
    package func members(_ memories: [(table: KnownTable, memory: MemoryDump)]) -> Members? {
        let families = memories.map { Observation($0.memory, holds: $0.table.family) }
        let sending = memories.map { Observation($0.memory, holds: $0.table.sending) }
        let receiving = memories.map { Observation($0.memory, holds: $0.table.receiving) }
        guard let family = families.place(widths: [4, 2, 1], distinct: 2),
            let sending = sending.place(widths: [wordSize], distinct: 2),
            let receiving = receiving.place(widths: [wordSize], distinct: 2)
        else { return nil }
        return Members(family: family, sending: sending, receiving: receiving)
    }

    // MARK: What the tables hold

    /// The symbols behind which there is room for a table.
    package func candidates(_ members: Members) -> [Table] {
        tables.filter { $0.room >= UInt64(members.size) }
    }

    /// The functions of those that are tables.
    package func functions(_ contents: [Contents]) -> ProtocolFunctions {
        var symbols = symbols
        symbols.find(Set(contents.flatMap { [$0.sending, $0.receiving] }))
        // 46 families have a number; a vendor may have given a few more.
        let found = contents.filter { one in
            (1..<256).contains(one.family) && symbols.isFunction(one.sending) && symbols.isFunction(one.receiving)
        }
        func functions(_ member: String, _ address: KeyPath<Contents, UInt64>) -> [ProtocolFunctions.Function] {
            var seen: Set<UInt64> = []
            let firsts = found.filter { seen.insert($0[keyPath: address]).inserted }
            return firsts.compactMap { one in
                symbols.function(
                    at: one[keyPath: address], inTable: "\(one.table.name).\(member)", trustsNames: trustsNames)
            }.sorted { $0.symbol < $1.symbol }
        }
        return ProtocolFunctions(
            sending: functions("sendmsg", \.sending), receiving: functions("recvmsg", \.receiving),
            tables: found.count)
    }
}

extension [UInt64] {
    /// The index of the first element above a value, in an array that is sorted.
    func firstPlace(above value: UInt64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
