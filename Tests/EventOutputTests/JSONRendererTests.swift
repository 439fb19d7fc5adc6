internal import SocketNames
import EventOutput
import Foundation
import SocketEvents
import Testing

@Suite("JSON")
struct JSONRendererTests {
    @Test("The line of the contract, to the letter")
    func contract() {
        var event = Sample.located(.send)
        event.event.time = 12_271_513_000
        #expect(
            line(.event(event), as: .json) == """
                {"name":"socket.send","time":12271513000,"cpu":0,"pid":812,"tid":813,"comm":"nginx",\
                "socket":"0xffff8e854042c340","inode":20931,"size":839,"bytes":839,"errno":null,"protocol":6,\
                "protocol_name":"TCP","family":2,"family_name":"INET","local_address":"10.0.0.2","local_port":80,\
                "remote_address":"10.0.0.9","remote_port":51234,"state":3,"state_name":"CONNECTED",\
                "tcp_state":"ESTABLISHED","flags":32,"flags_name":"SUPPORT_ZC",\
                "type":1,"type_name":"STREAM","success":1,"via":"sendmsg","duration":3321}
                """)
    }

    @Test("Every alias has its keys and no others", arguments: Alias.allCases)
    func keysOfAliases(alias: Alias) {
        let start = #"{"name":"\#(alias.name)","time":12271513000123,"cpu":0,"pid":812,"tid":813,"comm":"nginx""#
        let socket = #","socket":"0xffff8e854042c340","inode":20931"#
        let proto = #","protocol":6,"protocol_name":"TCP","family":2,"family_name":"INET""#
        let local = #","local_address":"10.0.0.2","local_port":80"#
        let ends = local + #","remote_address":"10.0.0.9","remote_port":51234"#
        let tcp = #","tcp_state":"ESTABLISHED""#
        let state = #","state":3,"state_name":"CONNECTED""# + tcp + #","flags":32,"flags_name":"SUPPORT_ZC""#
        let type = #","type":1,"type_name":"STREAM""#
        let moved = #","size":839,"bytes":839,"errno":null"#
        let step = proto + ends + state + type
        let result = #","err":0,"success":1,"duration":3321"#
        let rest =
            switch alias {
            case .send, .receive: socket + moved + step + #","success":1,"via":"sendmsg","duration":3321"#
            case .create: proto + type + #","requester":0"#
            case .createReturn: socket + #","errno":null"# + proto + ends + tcp + type + #","requester":0"# + result
            case .close, .connect, .accept, .bind: socket + step
            case .closeReturn: #","duration":3321"#
            case .listen: socket + step + #","backlog":null"#
            case .shutdown: socket + step + #","how":null"#
            case .connectReturn, .connected, .bindReturn: socket + #","errno":null"# + step + result
            case .acceptReturn:
                socket + #","errno":null"# + step + #","listener":null,"backlog_wait":null"# + result
            case .listenReturn: socket + #","errno":null"# + step + #","backlog":null"# + result
            case .shutdownReturn: socket + #","errno":null"# + step + #","how":null"# + result
            case _ where alias.arguments.contains(.success): socket + moved + step + #","success":1,"duration":3321"#
            default: socket + #","size":839"# + step
            }
        #expect(line(.event(Sample.located(alias)), as: .json) == start + rest + "}")
    }

    @Test("What is not known is null, and so is its name", arguments: Alias.allCases)
    func unknown(alias: Alias) throws {
        let known: Set<String> = ["name", "time", "cpu", "tid"]
        let text = line(SocketEvent(alias: alias, time: 5, cpu: 3, tid: 7), as: .json)
        for (key, value) in try object(text) {
            #expect(known.contains(key) != (value is NSNull), "\(key)")
        }
        #expect(try Set(object(text).keys) == Set(object(line(Sample.full(alias), as: .json)).keys))
    }

    @Test("A failure names its error behind success")
    func failures() {
        var event = Sample.full(.receive)
        event.success = false
        let expected: [(Int64?, String)] = [
            (-11, #""success":0,"error":"EAGAIN","via""#), (-512, #""success":0,"error":"ERESTARTSYS","via""#),
            (-9999, #""success":0,"error":"9999","via""#), (nil, #""success":0,"error":null,"via""#),
            (.min, #""success":0,"error":"0","via""#),
        ]
        for (size, part) in expected {
            event.size = size
            #expect(line(event, as: .json).contains(part), "\(String(describing: size))")
        }
        var create = Sample.full(.createReturn)
        (create.success, create.err) = (false, -97)
        #expect(line(create, as: .json).contains(#""err":-97,"success":0,"error":"EAFNOSUPPORT","duration""#))
    }

    @Test("A number without a name is its own name")
    func namelessNumbers() {
        var event = Sample.full(.send)
        (event.protocol, event.family, event.state, event.type, event.flags) = (0, 99, -1, 7, 0x8000_0000_0000_0001)
        let text = line(event, as: .json)
        for part in [
            #""protocol":0,"protocol_name":"0""#, #""family":99,"family_name":"99""#, #""state":-1,"state_name":"-1""#,
            #""type":7,"type_name":"7""#,
            #""flags":9223372036854775809,"flags_name":"ASYNC_NOSPACE|0x8000000000000000""#,
        ] {
            #expect(text.contains(part))
        }
    }

    @Test("Flags are named by the kernel traced")
    func flags() {
        var event = Sample.full(.send)
        event.flags = 0x18
        #expect(line(event, as: .json).contains(#""flags_name":"PASSCRED|PASSSEC""#))
        #expect(
            line(.plain(event), as: .json, flagNames: .withoutPassBits).contains(
                #""flags_name":"SUPPORT_ZC|CUSTOM_SOCKOPT""#))
        #expect(line(.plain(event), as: .json, flagNames: .unknown).contains(#""flags_name":"0x18""#))
        event.flags = 0
        #expect(line(event, as: .json).contains(#""flags":0,"flags_name":"""#))
    }

    @Test("A hostile name stays inside its string and off the terminal", arguments: Sample.hostileNames)
    func hostileNames(comm: [UInt8]) throws {
        let text = line(Sample.named(comm), as: .json)
        #expect(text.unicodeScalars.allSatisfy { !NameSafety.isUnsafe($0) })
        let parsed = try #require(object(text)["comm"] as? String)
        if let name = String(validating: comm, as: UTF8.self) {
            #expect(parsed.unicodeScalars.elementsEqual(name.unicodeScalars))
        } else {
            #expect(parsed.unicodeScalars.contains("\u{fffd}"))
        }
    }

    @Test("A terminal's escapes are written as JSON escapes")
    func escapes() {
        #expect(line(Sample.named(Array("\u{1b}]0;\"\\".utf8)), as: .json).contains(#""comm":"\u001b]0;\"\\""#))
        #expect(line(Sample.named(Array("\u{9b}\u{7f}".utf8)), as: .json).contains(#""comm":"\u009b\u007f""#))
        // Beyond the basic plane JSON takes the two units of UTF-16.
        #expect(
            line(Sample.named(Array("\u{e0041}\u{fffb}".utf8)), as: .json).contains(#""comm":"\udb40\udc41\ufffb""#))
        #expect(line(Sample.named([0x41, 0xff]), as: .json).contains("\"comm\":\"A\u{fffd}\""))
    }

    @Test("Losses")
    func losses() {
        #expect(line(.lost(cpu: 1, count: 312), as: .json) == #"{"name":"lost","cpu":1,"count":312}"#)
        #expect(line(.lost(cpu: 1, count: nil), as: .json) == #"{"name":"lost","cpu":1,"count":null}"#)
        #expect(header(.json) == "")
    }

    @Test("Python reads every line and finds the keys in order")
    func python() throws {
        let python = "/usr/bin/python3"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            print("SKIPPED: no \(python): JSON and CSV were not read by a parser of somebody else's")
            return
        }
        var out = OutputBuffer()
        let renderer = EventRenderer(format: .json, flagNames: Sample.flagNames)
        for alias in Alias.allCases {
            renderer.render(.plain(Sample.full(alias)), into: &out)
            renderer.render(.plain(SocketEvent(alias: alias, time: .max, cpu: .max, tid: .min)), into: &out)
        }
        for name in Sample.hostileNames { renderer.render(.plain(Sample.named(name)), into: &out) }
        renderer.render(.lost(cpu: 0, count: .max), into: &out)
        let script = """
            import json, sys
            order = "name time cpu pid tid comm socket inode size bytes errno protocol protocol_name family family_name \
            local_address local_port remote_address remote_port remote_inode state state_name tcp_state flags flags_name \
            type type_name requester listener backlog_wait backlog how err success error via duration count".split()
            lines = sys.stdin.buffer.read().decode("utf-8").split("\\n")
            assert lines.pop() == ""
            for line in lines:
                pairs = json.loads(line, object_pairs_hook=list)
                keys = [key for key, _ in pairs]
                assert keys == [key for key in order if key in keys], keys
            print(len(lines))
            """
        let answer = try run(python, ["-c", script], input: out.withUnsafeBytes { Data($0) })
        #expect(answer == "\(2 * Alias.allCases.count + Sample.hostileNames.count + 1)\n")
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `Owner and namespace come last for whoever asks, null where they are not known`() {
        var event = Sample.located(.send)
        var out = OutputBuffer()
        let renderer = EventRenderer(format: .json, flagNames: Sample.flagNames, optional: [.namespace, .user])
        renderer.render(.event(event), into: &out)
        #expect(out.text?.hasSuffix(",\"netns\":null,\"uid\":null}\n") == true)
        event.details?.ownership.user = 1000
        event.details?.ownership.namespace = 4_026_531_840
        out.clear()
        renderer.render(.event(event), into: &out)
        #expect(out.text?.hasSuffix(",\"netns\":4026531840,\"uid\":1000}\n") == true)
    }
}
