import SocketEvents
import SocketNames
import Testing

@Suite("Names for numbers")
struct NamesTests {
    @Test("Families are named as in the tapset, up to the newest")
    func families() throws {
        let expected: [(Int32, String?)] = [
            (0, "UNSPEC"), (1, "LOCAL"), (2, "INET"), (10, "INET6"), (12, "DECNET"), (16, "NETLINK"), (17, "PACKET"),
            (40, "VSOCK"), (44, "XDP"), (45, "MCTP"), (46, nil), (-1, nil), (.max, nil), (.min, nil),
        ]
        for (number, name) in expected {
            #expect(AddressFamilyNames.name(of: number)?.description == name, "\(number)")
        }
        #expect(AddressFamilyNames.helpNames.count == 46)
    }

    @Test(
        "A family is found by every name it goes by", arguments: ["LOCAL", "local", "AF_LOCAL", "unix", "AF_UNIX", "1"])
    func familyByName(text: String) throws {
        #expect(try AddressFamilyNames.number(of: text) == 1)
    }

    @Test("Numbers of MIPS become the generic ones, and only those")
    func mips() {
        let mips = ProcessorNumbers(uname: "Linux board 6.1.0-50-5kc-malta #1 SMP Debian 6.1.176-1 mips64 GNU/Linux")
        let generic = ProcessorNumbers(uname: "Linux mips 6.1.0 #1 SMP Debian 6.1.176-1 x86_64")
        // By arch/mips/include/uapi/asm/errno.h.
        let errors: [(Int64, StaticString)] = [
            (11, "EAGAIN"), (34, "ERANGE"), (89, "ENOSYS"), (97, "EMSGSIZE"), (131, "ECONNRESET"),
            (145, "ETIMEDOUT"), (146, "ECONNREFUSED"), (150, "EINPROGRESS"), (512, "ERESTARTSYS"), (1133, "EDQUOT"),
        ]
        for (number, name) in errors {
            let told = Int32(-mips.genericResult(-number))
            #expect(ErrorNames.name(of: told)?.description == name.description, "\(number)")
        }
        for result in [Int64.min, -4096, -4095, -146, -1, 0, 146, .max] {
            #expect(generic.genericResult(result) == result)
            if result != -146 { #expect(mips.genericResult(result) == result) }
        }
        #expect([0, 1, 2, 3, 13, .min, .max].map(mips.genericType) == [0, 2, 1, 3, 13, .min, .max])
        #expect([1, 2].map(generic.genericType) == [1, 2])
        #expect(ProcessorNumbers(uname: nil) == .generic && ProcessorNumbers(uname: "") == .generic)
    }

    @Test("Names and numbers lead to each other")
    func roundTrips() throws {
        for number in AddressFamilyNames.range {
            guard let name = AddressFamilyNames.name(of: number)?.description else { continue }
            #expect(try AddressFamilyNames.number(of: name) == number)
            #expect(try AddressFamilyNames.number(of: name.lowercased()) == number)
        }
        for number in SocketTypeNames.range {
            guard let name = SocketTypeNames.name(of: number)?.description else { continue }
            #expect(try SocketTypeNames.number(of: "sock_" + name) == number)
        }
        for number in Int32(0)...300 {
            for (family, scope) in [(Int32(2), ProtocolSelector.Scope.ip), (16, .netlink)] {
                guard let name = ProtocolNames.name(of: number, family: family)?.description else { continue }
                #expect(try ProtocolSelector.parse(name).contains(.init(number: number, scope: scope)), "\(name)")
            }
        }
        for alias in Alias.allCases {
            #expect(try Alias.named(alias.name.description) == alias)
        }
        #expect(try Alias.named("SENDMSG.return") == .sendmsgReturn)
    }

    @Test("Nothing has the name of something else")
    func namesAreUnique() {
        for names in [
            AddressFamilyNames.helpNames, ProtocolNames.helpNames, SocketTypeNames.helpNames,
            SocketStateNames.helpNames, ErrorNames.helpNames, Alias.helpNames,
        ] {
            #expect(Set(names).count == names.count)
            #expect(names.allSatisfy { $0.utf8.allSatisfy { (0x21...0x7e).contains($0) } })
        }
    }

    @Test("A name that is none is refused with those that are")
    func unknownNames() {
        #expect(throws: UnknownNameError.self) { try AddressFamilyNames.number(of: "INET7") }
        #expect(throws: UnknownNameError.self) { try AddressFamilyNames.number(of: "64") }
        #expect(throws: UnknownNameError.self) { try AddressFamilyNames.number(of: "-1") }
        #expect(throws: UnknownNameError.self) { try AddressFamilyNames.number(of: "") }
        #expect(throws: UnknownNameError.self) { try AddressFamilyNames.number(of: "AF_") }
        #expect(throws: UnknownNameError.self) { try ProtocolSelector.parse("TCQ") }
        #expect(throws: UnknownNameError.self) { try Alias.named("socket.bend") }
        let error = #expect(throws: UnknownNameError.self) { try SocketTypeNames.number(of: "STREEM") }
        #expect(
            error?.description
                == "unknown socket type 'STREEM'; known: STREAM, DGRAM, RAW, RDM, SEQPACKET, DCCP, PACKET")
    }

    @Test("A protocol's name depends on the family")
    func protocols() {
        let expected: [(Int32, Int32?, String?)] = [
            (0, 2, "IP"), (1, 2, "ICMP"), (6, 2, "TCP"), (17, 10, "UDP"), (58, 10, "IPV6-ICMP"), (132, 2, "SCTP"),
            (136, 2, "UDPLITE"), (255, 2, "RAW"), (262, 2, "MPTCP"), (61, 2, nil), (300, 2, nil), (-5, 2, nil),
            (0, 16, "ROUTE"), (4, 16, "SOCK_DIAG"), (6, 16, "XFRM"), (16, 16, "GENERIC"), (1, 16, nil),
            (0, 1, nil), (768, 17, nil), (6, nil, nil),
        ]
        for (number, family, name) in expected {
            #expect(ProtocolNames.name(of: number, family: family)?.description == name, "\(number) of \(family ?? -1)")
        }
    }

    @Test("A protocol given by name is meant in its families only, one given by number in all")
    func protocolSelectors() throws {
        let tcp = try ProtocolSelector.parse("tcp")
        #expect(tcp == [.init(number: 6, scope: .ip)])
        #expect(tcp[0].matches(protocol: 6, family: 2))
        #expect(tcp[0].matches(protocol: 6, family: 10))
        #expect(!tcp[0].matches(protocol: 6, family: 16))
        #expect(!tcp[0].matches(protocol: 6, family: nil))
        #expect(!tcp[0].matches(protocol: nil, family: 2))
        #expect(try ProtocolSelector.parse("6")[0].matches(protocol: 6, family: 16))
        #expect(try ProtocolSelector.parse("6")[0].matches(protocol: 6, family: nil))
        #expect(try ProtocolSelector.parse("IPPROTO_ICMPV6") == [.init(number: 58, scope: .ip)])
        #expect(try ProtocolSelector.parse("netlink_route") == [.init(number: 0, scope: .netlink)])
        #expect(Set(try ProtocolSelector.parse("smc").map(\.number)) == [256, 22])
    }

    @Test("States and types are named as in the tapset")
    func statesAndTypes() {
        #expect(SocketStateNames.helpNames == ["FREE", "UNCONNECTED", "CONNECTING", "CONNECTED", "DISCONNECTING"])
        #expect(SocketTypeNames.name(of: 10)?.description == "PACKET")
        #expect(SocketTypeNames.name(of: 7) == nil)
    }

    @Test("Errors are named, those that only the kernel sees too")
    func errors() {
        let expected: [(Int32, String?)] = [
            (1, "EPERM"), (11, "EAGAIN"), (32, "EPIPE"), (90, "EMSGSIZE"), (111, "ECONNREFUSED"), (133, "EHWPOISON"),
            (41, nil), (58, nil), (0, nil), (-11, nil), (512, "ERESTARTSYS"), (514, "ERESTARTNOHAND"), (520, nil),
            (516, "ERESTART_RESTARTBLOCK"), (521, "EBADHANDLE"), (524, "ENOTSUPP"), (529, "EIOCBQUEUED"),
            (531, "ENOGRACE"), (532, nil),
        ]
        for (number, name) in expected {
            #expect(ErrorNames.name(of: number)?.description == name, "\(number)")
        }
    }
}
