import Testing

@testable import ProbeContract

@Suite struct AddressPackTests {
    @Test func `The beginning of a sock is named by where its members lie`() {
        let pack = AddressPack<SockMember>([
            .remoteIPv4: 0, .localIPv4: 4, .remotePort: 12, .localPort: 14, .family: 16, .state: 18,
        ])
        #expect(pack.fieldName == "sk_r0l4p12q14f16s18")
        #expect(AddressPack(parsing: pack.fieldName) == pack)
    }

    @Test func `Names of all packs are read as they were written, wherever members lie`() {
        func check<Member: AddressMember>(_: Member.Type) {
            for start in [0, 8, 90, 600] {
                var offset = start
                var offsets: [Member: Int] = [:]
                for member in Member.allCases {
                    offsets[member] = offset
                    offset += member.width
                }
                let pack = AddressPack<Member>(offsets)
                #expect(AddressPack<Member>(parsing: pack.fieldName) == pack)
                // MAX_ARG_NAME_LEN is 32, the NUL included.
                #expect(pack.fieldName.utf8.count < 32)
            }
        }
        check(SockMember.self)
        check(SockIPv6Member.self)
        check(FlowIPv4Member.self)
        check(FlowIPv6Member.self)
    }

    @Test(arguments: [
        "", "sk", "sk_", "sk6_r0", "sk_r", "sk_x0", "sk_r0r4", "sk_r0l", "sk_r1000", "sk_r-1", "sk_0", "sk_r0_l4",
        "flow4_r0", "sk_r٣",
    ])
    func `What is no such name is none`(text: String) {
        #expect(AddressPack<SockMember>(parsing: text) == nil)
    }

    @Test func `A member that would reach beyond its field is not there`() {
        let pack = AddressPack<SockMember>([.remoteIPv4: 21, .state: 23])
        #expect(pack.offset(of: .remoteIPv4, within: 24) == nil)
        #expect(pack.offset(of: .state, within: 24) == 23)
        #expect(pack.offset(of: .localPort, within: 24) == nil)
    }
}
