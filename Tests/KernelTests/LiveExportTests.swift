import Foundation
import Testing

/// What `record --export` and `trace --format` make.
extension KernelTests {
    /// A page without the word that is drawn anew for each.
    private func withoutNonce(_ page: String) throws -> String {
        let nonce = try #require(page.firstMatch(of: /'nonce-([0-9a-z]+)'/)).output.1
        return page.replacing(nonce, with: "NONCE")
    }

    /// Names of the slices of a timeline for Chrome.
    private func slices(_ outcome: Guest.Outcome, _ name: String) throws -> [String] {
        let timeline = try JSONSerialization.jsonObject(with: Data(outcome.text(name).utf8)) as? [String: Any]
        let marks = try #require(timeline?["traceEvents"] as? [[String: Any]])
        return marks.filter { $0["ph"] as? String == "X" }.compactMap { $0["name"] as? String }
    }

    @Test(
        "Exports made at the end of a recording and straight from a trace agree with the recording and with the workload",
        arguments: Guest.kernels)
    func liveExports(kernel: String) async throws {
        let outcome = try await Guest(kernel: kernel).run(
            """
            cd /tmp
            sockftrace record -o web.dat --export /out/x.html -- workload flood 10 64; echo "record $?"
            sockftrace export web.dat -o /out/y.html; echo "export $?"
            sockftrace trace --format chrome -o /out/trace -- workload flood 10 64; echo "trace $?"
            sockftrace trace --format perfetto -o /out/perfetto -- workload flood 10 64; echo "perfetto $?"
            sockftrace connections --format chrome -o /out/connections -- workload flood 10 64; echo "connections $?"
            sockftrace trace --format chrome -o /out/stopped -- sh -c 'workload flood 10 64; kill -INT $PPID; exec sleep 60'
            echo "stopped $?"
            mkdir /tmp/none; cd /tmp/none
            sockftrace trace --format html -o x.html -- nosuch; echo "nosuch $?"
            sockftrace record -o ../new.dat --export x.html -- nosuch; echo "nosuch $?"
            sockftrace record -o new.html --export ./new.html -- true; echo "same $?"
            rm new.html
            (ulimit -f 16; sockftrace trace --format sqlite -o x.db -- true; echo "full $?")
            ls -A > /out/left
            traces > /out/after
            """)
        for end in [
            "record 0", "export 0", "trace 0", "perfetto 0", "connections 0", "stopped 143", "nosuch 127", "same 2",
            "full 1",
        ] {
            #expect(outcome.log.contains(end + "\n"), "\(end) in\n\(outcome.log)")
        }
        #expect(try withoutNonce(outcome.text("x.html")) == withoutNonce(outcome.text("y.html")))
        for name in ["trace", "connections", "stopped"] {
            #expect(try slices(outcome, name).count { $0 == "send" } == 10, "\(name)")
        }
        // A packet of the trace, by the number of its field: its beginning. What else is in it is the other exports' test.
        let perfetto = try Data(contentsOf: outcome.directory.appending(path: "perfetto"))
        #expect(perfetto.first == 0x0a && perfetto.count > 1000)
        #expect(outcome.log.contains("cannot write a database to x.db"), "\(outcome.log)")
        #expect(try outcome.text("left") == "")
        #expect(try outcome.text("after") == "")
    }
}
