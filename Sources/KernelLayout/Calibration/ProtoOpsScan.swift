/// Finds the protocols' own functions through the tables (`struct proto_ops`) that hold them.
///
/// Every such table is a symbol in /proc/kallsyms, where that shows data and addresses. Where its members lie follows
/// from the tables of protocols that every kernel has, since of these it is known which function is where. Then each
/// symbol that may be a table is one if its members say so: its family is a small number, and two functions are where
/// sendmsg and recvmsg have to be. That takes no list of the kernel's protocols, and no name that is unique.
package struct ProtoOpsScan: Sendable {
    /// A piece of the kernel's memory.
    package struct Window: Sendable, Equatable {
        package var address: UInt64
        package var words: Int

        package init(address: UInt64, words: Int) {
            self.address = address
            self.words = words
        }
    }

    /// A symbol that may be a table of a protocol's functions.
    private struct Table: Sendable {
        var name: String
        var address: UInt64
        /// Bytes up to the next symbol.
        var room: UInt64
    }

    /// Where the members lie in a table.
    private struct Members: Sendable {
        var family: StructLayout.Place
        var sending: StructLayout.Place
        var receiving: StructLayout.Place

        /// Bytes that a table has at least.
        var size: Int { [family, sending, receiving].reduce(0) { max($0, $1.offset + $1.width) } }
    }

    /// What the members of a table hold.
    private struct Contents: Sendable {
        var table: Table
        var family: UInt64
        var sending: UInt64
        var receiving: UInt64
    }

    private let wordSize: Int
    private let symbols: SymbolTable
    private let trustsNames: Bool
    private let tables: [Table]

    /// - Parameters:
    ///   - kallsyms: /proc/kallsyms, as it is.
    ///   - trustsNames: whether a function is probed by its name where that is its own; else by where it lies.
    /// - Returns: nil where it shows no data or no addresses.
    package init?(kallsyms: [UInt8], wordSize: Int, trustsNames: Bool = true) {
        self.wordSize = wordSize
        self.trustsNames = trustsNames
        symbols = SymbolTable(kallsyms)
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

    /// Reads the tables, and tells the functions of those that are some.
    /// - Parameter read: gives what lies in the windows; nil for what it cannot tell.
    /// - Returns: nil where that does not show where the members lie.
    package func run(_ read: ([Window]) -> [MemoryDump?]) -> ProtocolFunctions? {
        let known = self.known
        let beginnings = read(known.map { Window(address: $0.table.address, words: Self.longestTable / wordSize) })
        let memories: [(Contents, MemoryDump)] = zip(known, beginnings).compactMap { table, memory in
            memory.map { (table, $0) }
        }
        guard let members = members(memories) else { return nil }
        // Few of some hundreds begin with a small number; only of these the functions are worth reading.
        let candidates = tables.filter { $0.room >= UInt64(members.size) }
        let families = values(of: [members.family], in: candidates, read).map { $0[0] }
        let possible = zip(candidates, families).filter { Self.families.contains($1) }
        let addresses = values(of: [members.sending, members.receiving], in: possible.map(\.0), read)
        return functions(
            zip(possible, addresses).map { one, addresses in
                Contents(table: one.0, family: one.1, sending: addresses[0], receiving: addresses[1])
            })
    }

    /// 46 families have a number; a vendor may have given a few more.
    private static let families: Range<UInt64> = 1..<256

    /// What members hold, table by table; 0 where that could not be read.
    private func values(
        of members: [StructLayout.Place], in tables: [Table], _ read: ([Window]) -> [MemoryDump?]
    ) -> [[UInt64]] {
        let words = read(
            tables.flatMap { table in
                members.map { Window(address: table.address + UInt64($0.offset / wordSize * wordSize), words: 1) }
            })
        return tables.indices.map { table in
            members.indices.map { index in
                let place = members[index]
                return words[table * members.count + index]?.integer(
                    at: place.offset % wordSize, width: place.width) ?? 0
            }
        }
    }

    /// Bytes; those seen have 208 to 232.
    private static let longestTable = 256

    // MARK: Where the members lie

    /// Tables that the kernel has, of protocols whose functions have had these names in every kernel since 2.6, and what
    /// is in them.
    private var known: [Contents] {
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
            return Contents(table: found[0], family: family, sending: sending, receiving: receiving)
        }
    }

    /// Where all the known tables hold what they must; nil where they do not agree on one place for each.
    private func members(_ memories: [(contents: Contents, memory: MemoryDump)]) -> Members? {
        func place(_ member: KeyPath<Contents, UInt64>, _ widths: [Int]) -> StructLayout.Place? {
            memories.map { Observation($0.memory, holds: $0.contents[keyPath: member]) }.place(
                widths: widths, distinct: 2)
        }
        guard let family = place(\.family, [4, 2, 1]), let sending = place(\.sending, [wordSize]),
            let receiving = place(\.receiving, [wordSize])
        else { return nil }
        return Members(family: family, sending: sending, receiving: receiving)
    }

    // MARK: What the tables hold

    /// The functions of those that are tables.
    private func functions(_ contents: [Contents]) -> ProtocolFunctions {
        var symbols = symbols
        symbols.find(Set(contents.flatMap { [$0.sending, $0.receiving] }))
        let found = contents.filter { symbols.isFunction($0.sending) && symbols.isFunction($0.receiving) }
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
