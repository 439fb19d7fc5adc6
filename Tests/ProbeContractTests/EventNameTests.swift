import ProbeContract
import Testing

@Suite struct EventNameTests {
    @Test func `Every name of a frame's event is read as it was written`() {
        for role in FrameRole.allCases {
            for side in FrameSide.allCases {
                for function in [nil, "inet_bind", "__sys_socket", "a_return"] {
                    let name = FrameEventName(role: role, side: side, function: function)
                    #expect(FrameEventName(parsing: name.text) == name)
                    #expect(NoticeEventName(parsing: name.text) == nil)
                    #expect(name.text.utf8.count < 64)
                }
            }
        }
    }

    @Test func `Every name of a notice is read as it was written, and is no frame's`() {
        for notice in SocketNotice.allCases {
            for function in [nil, "sock_alloc_file", "__x", "a_entry"] {
                let name = NoticeEventName(notice, function: function)
                #expect(NoticeEventName(parsing: name.text) == name)
                #expect(FrameEventName(parsing: name.text) == nil)
            }
        }
    }

    @Test(arguments: ["", "__", "sock_made_", "sock_madeup", "_entry", "connect", "proto_connect_", "sock"])
    func `What is no name of ours is none`(text: String) {
        #expect(NoticeEventName(parsing: text) == nil && FrameEventName(parsing: text) == nil)
    }

    @Test func `No two roles or notices share a name`() {
        let names = FrameRole.allCases.map(\.name) + SocketNotice.allCases.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func `Each role's kind is what its name says`() {
        for role in FrameRole.allCases {
            for (word, kind) in [
                ("connect", OperationKind.connect), ("accept", .accept), ("bind", .bind), ("listen", .listen),
                ("shutdown", .shutdown), ("create", .create), ("close", .close), ("sendmsg", .send),
                ("recvmsg", .receive), ("sendto", .send), ("recvfrom", .receive),
            ] where role.name.hasSuffix(word) {
                #expect(role.kind == kind, "\(role)")
            }
        }
    }
}
