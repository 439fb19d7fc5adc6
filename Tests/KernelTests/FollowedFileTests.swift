import Foundation
import LedgerSupport
import Testing

/// A recording that is looked at while it is made.
extension KernelTests {
    @Test("Who follows a recording sees at once what its report shows later", arguments: Guest.kernels)
    func followedFile(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            follow() { sockftrace report --follow-file --format json --comm workload "$1" > "$2" 2> "$2.said"; }
            shown() { [ $(grep -c -e '"socket.send"' -e '"socket.receive"' "$1") -ge "$2" ]; }
            messages() {
                tr ' ' '\\n' < "$1" | awk -F = '/^(messages|sends|receives)=/ { n += $2 } END { print n }'
            }
            sockftrace record -v --compression none -o /tmp/t.dat 2> /tmp/messages & recorder=$!
            await grep -q "has begun" /tmp/messages
            follow /tmp/t.dat /out/followed & follower=$!
            # A handful of records fills no sub-buffer.
            workload pace 20 1 > /out/few; await shown /out/followed $(messages /out/few) && echo "few at once"
            workload flood 5000 64 2 > /out/many
            await shown /out/followed $(($(messages /out/few) + $(messages /out/many))) && echo "many at once"
            kill -INT $recorder; wait $recorder; echo "record $?"
            wait $follower; echo "follow $?"; cat /out/followed.said
            sockftrace report --format json --comm workload /tmp/t.dat > /out/reported 2> /tmp/said; cat /tmp/said
            cmp /out/followed /out/reported && echo "same"
            sockftrace record -v -o /tmp/k.dat 2> /tmp/messages & recorder=$!
            await grep -q "has begun" /tmp/messages
            sockftrace report --follow-file --format json /tmp/k.dat > /tmp/interrupted 2> /tmp/interrupted.said & interrupted=$!
            follow /tmp/k.dat /tmp/followed & follower=$!
            workload pace 100 1 > /tmp/few; await shown /tmp/followed $(messages /tmp/few)
            await shown /tmp/interrupted $(messages /tmp/few)
            kill -INT $interrupted; wait $interrupted; echo "interrupted $?"
            cat /tmp/interrupted.said
            kill -KILL $recorder; wait $recorder; wait $follower; echo "killed $?"; cat /tmp/followed.said
            sockftrace report --format json --comm workload /tmp/k.dat > /tmp/reported 2> /tmp/said
            cmp /tmp/followed /tmp/reported && echo "same as killed"
            sockftrace clean > /tmp/cleaned
            traces > /out/after
            """)
        let log = outcome.log
        func count(_ text: String) -> Int { log.components(separatedBy: text).count - 1 }
        #expect(count("few at once\n") == 1 && count("many at once\n") == 1, "\(log)")
        #expect(count("record 0\n") == 1 && count("follow 0\n") == 1 && count("same\n") == 1, "\(log)")
        #expect(log.contains("interrupted 0\n") && log.contains("killed 1\n"), "\(log)")
        #expect(log.contains("the recording was not finished") && log.contains("same as killed\n"), "\(log)")
        let made = try ["few", "many"].flatMap { try outcome.text($0).split { $0 == " " || $0.isNewline } }
            .filter { ["messages=", "sends=", "receives="].contains(where: $0.hasPrefix) }
            .compactMap { Int($0.drop { $0 != "=" }.dropFirst()) }.reduce(0, +)
        let seen = try events(outcome.lines("followed")).count { ["socket.send", "socket.receive"].contains($0.name) }
        #expect(made == 10_020 && seen == made, "\(seen) of \(made)")
        #expect(try outcome.text("after") == "")
    }
}
