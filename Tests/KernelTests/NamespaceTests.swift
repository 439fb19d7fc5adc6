import LedgerSupport
import Testing

extension KernelTests {
    @Test(
        "Sockets have the inode numbers of their network namespaces, whatever offsets are known from",
        arguments: Guest.kernels)
    func networkNamespaces(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            cat > /tmp/ask <<'END'
            readlink /proc/self/ns/net > /out/$1
            echo $$ > /out/$1.pid
            exec nc 127.0.0.1 1
            END
            cat > /tmp/both <<'END'
            sh /tmp/ask $1.here
            unshare -n sh /tmp/ask $1.there
            true
            END
            for offsets in auto calibrate; do
                sockftrace trace --fields netns --format json --offsets $offsets -o /out/$offsets -- sh /tmp/both $offsets
                echo "$offsets $?"
            done
            """)
        for run in ["auto", "calibrate"] {
            #expect(outcome.log.contains("\(run) 0\n"), "\(outcome.log)")
            let events = try outcome.lines(run).map { try EventLine($0) }
            var numbers: Set<Int> = []
            for place in ["here", "there"] {
                // net:[4026531840]
                let link = try outcome.text("\(run).\(place)").split(whereSeparator: { !$0.isNumber })
                let number = try #require(link.first.flatMap { Int($0) })
                let process = try outcome.lines("\(run).\(place).pid").first.flatMap { Int($0) }
                let own = events.filter { $0.number("pid") == process && $0.number("inode") != nil }
                #expect(!own.isEmpty && own.allSatisfy { $0.number("netns") == number }, "\(run) \(place): \(own)")
                numbers.insert(number)
            }
            #expect(numbers.count == 2)
        }
    }
}
