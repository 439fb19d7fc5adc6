import KernelLayout
import ProbeContract
import SocketEvents
import Testing

@testable import ProbePlanning

extension StructLayout {
    /// Debian's 6.1 on x86-64, with what tells who a socket is.
    fileprivate static var debian61WithEndpoints: StructLayout {
        var layout = StructLayout.debian61
        let places: [(Member, Int, Int)] = [
            (.socketInode, 192, 8), (.socketUser, 132, 4), (.sockSocket, 624, 8), (.sockType, 514, 2),
            (.sockNamespace, 48, 8), (.namespaceInode, 144, 4), (.sockRemoteIPv4, 0, 4), (.sockLocalIPv4, 4, 4),
            (.sockRemotePort, 12, 2), (.sockLocalPort, 14, 2), (.sockFamily, 16, 2), (.sockState, 18, 1),
            (.sockRemoteIPv6, 56, 16), (.sockLocalIPv6, 72, 16), (.unixName, 776, 8), (.unixPeer, 864, 8),
            (.nameLength, 4, 4), (.nameBytes, 8, 1), (.netlinkPort, 784, 4), (.netlinkRemotePort, 788, 4),
            (.sockError, 544, 4), (.bufferData, 208, 8), (.bufferSock, 24, 8), (.flowRemoteIPv4, 44, 4),
            (.flowLocalIPv4, 40, 4), (.flowRemotePortIPv4, 48, 2), (.flowLocalPortIPv4, 50, 2),
            (.flowRemoteIPv6, 40, 16), (.flowLocalIPv6, 56, 16), (.flowRemotePortIPv6, 76, 2),
            (.flowLocalPortIPv6, 78, 2), (.sockCgroup, 664, 8), (.cgroupNode, 248, 8), (.nodeID, 104, 8),
        ]
        for (member, offset, width) in places { layout[member] = .init(offset: offset, width: width, source: .btf) }
        return layout
    }
}

@Suite struct EndpointPlanTests {
    private static let functions = [
        "__sock_sendmsg", "sock_recvmsg", "__sys_sendto", "__sock_release", "__sock_create", "__sys_connect",
        "__sys_accept4", "__sys_bind", "inet_stream_connect", "unix_stream_connect", "inet_accept", "inet_bind",
        "security_socket_post_create", "inet_create", "unix_socketpair", "security_sock_graft", "inet_csk_accept",
        "tcp_done", "skb_consume_udp", "skb_free_datagram", "ip_route_output_flow", "ip6_sk_dst_lookup_flow",
        "security_unix_may_send", "tcp4_seq_show", "tcp6_seq_show", "unix_seq_show", "netlink_seq_show",
    ]

    private func plan(
        _ functions: [String] = Self.functions, for aliases: AliasSet = .all,
        layout: StructLayout = .debian61WithEndpoints, details: Set<OptionalField> = [], endpoints: Bool = true
    ) -> ProbePlan {
        var request = PlanRequest(symbols: KernelSymbols(names: functions), layout: layout, aliases: aliases)
        request.tellsEndpoints = endpoints
        request.details = details
        return ProbePlan(for: request)
    }

    private func text(_ plan: ProbePlan, of symbol: String) -> [String] {
        (plan.probes + plan.snapshot).filter { $0.symbol == symbol }.map { $0.text(group: "g") }
    }

    @Test func `A message brings the beginning of its sock in place of its family`() {
        let plan = plan(for: AliasSet([.send]))
        #expect(
            text(plan, of: "__sock_sendmsg").first
                == "p:g/sendmsg_entry __sock_sendmsg socket=$arg1:x64 state=+0($arg1):u32 type=+4($arg1):u16"
                + " flags_N2C3S4Z5O6P7=+8($arg1):u64 sk_r0l4p12q14f16s18=+0(+24($arg1)):x64[3]"
                + " protocol=+492(+24($arg1)):u16")
    }

    @Test func `A connect brings the socket and the address asked for`() {
        let socket =
            "socket=$arg1:x64 inode=+192($arg1):u64 type=+4($arg1):u16 sk=+24($arg1):x64"
            + " sk_r0l4p12q14f16s18=+0(+24($arg1)):x64[3] protocol=+492(+24($arg1)):u16 length=$arg3:s32"
        #expect(
            text(plan(), of: "inet_stream_connect") == [
                "p:g/proto_connect_entry inet_stream_connect \(socket) address=+0($arg2):x64[4]",
                "r4096:g/proto_connect_return inet_stream_connect ret=$retval:s32",
            ])
        #expect(
            text(plan(), of: "unix_stream_connect").first
                == "p:g/proto_connect_entry__unix_stream_connect unix_stream_connect \(socket)"
                + " address=+0($arg2):x64[14]")
    }

    @Test func `An accept brings the listener and the socket that it makes, and nothing behind that one's sock`() {
        #expect(
            text(plan(), of: "inet_accept").first
                == "p:g/proto_accept_entry inet_accept socket=$arg2:x64 inode=+192($arg2):u64 listener=$arg1:x64"
                + " sk_r0l4p12q14f16s18=+0(+24($arg1)):x64[3]")
    }

    @Test func `What joins a socket with its sock is recorded at one point`() {
        let plan = plan()
        #expect(
            text(plan, of: "security_socket_post_create")
                == [
                    "p:g/sock_made security_socket_post_create socket=$arg1:x64 inode=+192($arg1):u64 sk=+24($arg1):x64"
                ])
        #expect(
            text(plan, of: "unix_socketpair") == [
                "p:g/sock_paired unix_socketpair socket=$arg1:x64 sk=+24($arg1):x64 peer_socket=$arg2:x64"
                    + " peer_sk=+24($arg2):x64"
            ])
        #expect(
            text(plan, of: "security_sock_graft") == [
                "p:g/sock_grafted security_sock_graft sk=$arg1:x64 sk_r0l4p12q14f16s18=+0($arg1):x64[3]"
                    + " sk6_r0l16=+56($arg1):x64[4] peer_sk=+864($arg1):u64 socket=$arg2:x64 inode=+192($arg2):u64"
            ])
        #expect(text(plan, of: "inet_csk_accept") == [])
        #expect(text(plan, of: "inet_create") == [])
    }

    @Test func `Without security hooks the protocols' create and the accepted sock stand in`() {
        let functions = Self.functions.filter { !$0.hasPrefix("security_") }
        let plan = plan(functions)
        #expect(
            text(plan, of: "inet_create")
                == ["p:g/sock_made inet_create socket=$arg2:x64 inode=+192($arg2):u64"])
        #expect(
            text(self.plan(functions, details: [.namespace]), of: "inet_create").first?.hasSuffix(
                " netns=+144($arg1):u32") == true)
        #expect(text(plan, of: "inet_csk_accept") == ["r4096:g/sock_accepted inet_csk_accept sk=$retval:x64"])
    }

    @Test func `Without the hook the message about a connection of AF_UNIX tells its sock and that one's peer`() {
        let functions = Self.functions.filter { $0 != "security_sock_graft" }
        // Whether datagrams are of interest or not.
        for aliases in [AliasSet.all, AliasSet([.acceptReturn])] {
            #expect(
                text(plan(functions, for: aliases), of: "skb_free_datagram").first?.hasSuffix(
                    " skb_free_datagram sk=$arg1:x64 peer_sk=+24($arg2):u64 peers_peer_sk=+864(+24($arg2)):u64") == true
            )
        }
        #expect(text(plan(for: AliasSet([.acceptReturn])), of: "skb_free_datagram") == [])
        #expect(
            text(plan(), of: "skb_free_datagram").first?.hasSuffix(" sk=$arg1:x64 peer_sk=+24($arg2):u64") == true)
        let probes = (plan(functions).probes + plan().probes).filter(\.tellsConnections)
        #expect(probes.map(\.symbol) == ["skb_free_datagram"])
    }

    @Test func `Datagrams tell where they come from and where they go`() {
        let plan = plan()
        #expect(
            text(plan, of: "skb_consume_udp")
                == ["p:g/dgram_received skb_consume_udp sk=$arg1:x64 header=-48(+208($arg2)):x64[6]"])
        #expect(
            text(plan, of: "ip_route_output_flow")
                == ["p:g/dgram_sent ip_route_output_flow sk=$arg3:x64 flow4_l0r4p8q10=+40($arg2):x64[2]"])
        #expect(
            text(plan, of: "ip6_sk_dst_lookup_flow") == [
                "p:g/dgram_sent__ip6_sk_dst_lookup_flow ip6_sk_dst_lookup_flow sk=$arg1:x64"
                    + " flow6_r0l16p36q38=+40($arg2):x64[5]"
            ])
    }

    @Test func `Lists of sockets are probed with what only one family has, and not for long`() {
        let plan = plan()
        #expect(
            Set(plan.snapshot.map(\.symbol)) == [
                "tcp4_seq_show", "tcp6_seq_show", "unix_seq_show", "netlink_seq_show",
            ])
        #expect(!plan.probes.contains { $0.symbol.hasSuffix("_seq_show") })
        #expect(
            text(plan, of: "tcp4_seq_show") == [
                "p:g/sock_listed tcp4_seq_show sk=$arg2:x64 sk_r0l4p12q14f16s18=+0($arg2):x64[3]"
                    + " protocol=+492($arg2):u16 type=+514($arg2):u16 socket=+624($arg2):x64"
                    + " inode=+192(+624($arg2)):u64"
            ])
        #expect(text(plan, of: "tcp6_seq_show").first?.contains(" sk6_r0l16=+56($arg2):x64[4]") == true)
        #expect(
            text(plan, of: "unix_seq_show").first?.contains(
                " peer_sk=+864($arg2):u64") == true)
        #expect(
            text(plan, of: "unix_seq_show").first?.contains("name=+776($arg2):u64 length=+4(+776($arg2)):s32") == true)
        #expect(text(plan, of: "netlink_seq_show").first?.contains("port=+784($arg2):u32") == true)
    }

    @Test func `What an alias does not need is not probed`() {
        let creations = Set(plan(for: AliasSet([.createReturn])).probes.map(\.symbol))
        #expect(creations == ["__sock_create", "security_socket_post_create"])
        let receives = Set(plan(for: AliasSet([.receive])).probes.map(\.symbol))
        #expect(receives.contains("skb_consume_udp") && !receives.contains("ip_route_output_flow"))
        #expect(receives.contains("inet_stream_connect") && !receives.contains("__sys_connect"))
        let none = plan(endpoints: false)
        #expect(none.snapshot.isEmpty && none.tracepoints.isEmpty)
        let messages = plan(for: AliasSet([.send, .receive, .createReturn, .close]), endpoints: false)
        #expect(!messages.probes.contains { [.connect, .accept, .bind].contains($0.event.role?.kind) })
        #expect(!none.probes.contains { $0.text(group: "g").contains("sk_r0") || $0.event.role == nil })
    }

    @Test func `A kernel without probes still tells what becomes of TCP connections`() throws {
        let events: Set = ["sock/sock_send_length", "sock/inet_sock_set_state", "tcp/tcp_retransmit_skb"]
        func plan(_ aliases: AliasSet, _ endpoints: Bool) -> ProbePlan? {
            var request = PlanRequest(symbols: KernelSymbols(names: []), layout: StructLayout(), aliases: aliases)
            request.tellsEndpoints = endpoints
            return ProbePlan.tracepoints(for: request) { events.contains($0) }
        }
        #expect(Set(try #require(plan(AliasSet([.send]), true)).tracepoints) == events)
        #expect(try #require(plan(AliasSet([.send]), false)).tracepoints == ["sock/sock_send_length"])
        #expect(plan(AliasSet([.receive]), true) == nil)
    }

    @Test func `Without kprobes the kernel's own events are probed where they lead to a sock`() throws {
        let events: Set = ["sock/sock_send_length", "sock/inet_sock_set_state", "tcp/tcp_retransmit_skb"]
        func plan(_ layout: StructLayout, endpoints: Bool = true, hasEventProbes: Bool = true) -> ProbePlan? {
            var request = PlanRequest(
                symbols: KernelSymbols(names: Self.functions), layout: layout, aliases: AliasSet([.send, .connected]))
            request.tellsEndpoints = endpoints
            return ProbePlan.tracepoints(for: request, hasEventProbes: hasEventProbes) { events.contains($0) }
        }
        let known = try #require(plan(.debian61WithEndpoints))
        #expect(
            known.probes.map { $0.text(group: "g") } == [
                "e:g/msg_sent sock/sock_send_length sk=$sk:x64 sk_r0l4p12q14f16s18=+0($sk):x64[3]"
                    + " sk6_r0l16=+56($sk):x64[4] socket=+624($sk):x64 inode=+192(+624($sk)):u64"
                    + " state=+0(+624($sk)):u32 type=+4(+624($sk)):u16 flags_N2C3S4Z5O6P7=+8(+624($sk)):u64"
                    + " protocol=$protocol:u16 ret=$ret:s32",
                "e:g/tcp_changed sock/inet_sock_set_state skaddr=$skaddr:x64 oldstate=$oldstate:s32"
                    + " newstate=$newstate:s32 sport=$sport:u16 dport=$dport:u16 family=$family:u16"
                    + " protocol=$protocol:u16 saddr=$saddr:u32 daddr=$daddr:u32 sk6_r0l16=+56($skaddr):x64[4]"
                    + " err=+544($skaddr):s32",
                "e:g/sock_connecting sock/inet_sock_set_state sk=$skaddr:x64 type=+514($skaddr):u16 socket=+624($skaddr):x64"
                    + " inode=+192(+624($skaddr)):u64 if newstate == 2",
            ])
        #expect(known.tracepoints == ["tcp/tcp_retransmit_skb"] && !known.probesFunctions)
        // Where nobody asks between whom it was, it is not fetched.
        let plain = try #require(plan(.debian61WithEndpoints, endpoints: false)?.probes.first?.text(group: "g"))
        #expect(plain.contains("state=") && !plain.contains("sk_r0") && plain.contains("family=$family:u16"))
        // One that the kernel does not take leaves the event itself.
        var without = known
        without.remove(known.probes[1])
        without.remove(known.probes[2])
        #expect(without.probes.map(\.symbol) == ["sock/sock_send_length"])
        #expect(without.tracepoints == ["tcp/tcp_retransmit_skb", "sock/inet_sock_set_state"])
        // What is not known, or not taken, leaves the events themselves.
        #expect(try #require(plan(StructLayout())).probes.isEmpty)
        let refused = try #require(plan(.debian61WithEndpoints, hasEventProbes: false))
        #expect(refused.probes.isEmpty && Set(refused.tracepoints) == events)
    }

    @Test func `A control group is fetched with its pointer, which alone tells whether there is one`() {
        let group = " cgrp=+664(%):x64 cgroup=+104(+248(+664(%))):u64"
        func fetch(_ sock: String) -> String { group.replacing("%", with: sock) }
        #expect(text(plan(), of: "security_sock_graft").first?.contains("cgroup") == false)
        let plan = plan(details: [.cgroup])
        #expect(text(plan, of: "security_socket_post_create").first?.contains(fetch("+24($arg1)")) == true)
        #expect(text(plan, of: "security_sock_graft").first?.contains(fetch("$arg1")) == true)
        // Up to 5.15 it is a word with flags.
        var layout = StructLayout.debian61WithEndpoints
        (layout[.sockCgroupWord], layout[.sockCgroup]) = (layout[.sockCgroup], nil)
        #expect(
            text(self.plan(layout: layout, details: [.cgroup]), of: "security_sock_graft").first?.contains(
                fetch("$arg1")) == true)
        layout[.nodeID] = nil
        #expect(
            text(self.plan(layout: layout, details: [.cgroup]), of: "security_sock_graft").first?.contains("cgr")
                == false)
    }

    @Test func `Descriptors are fetched, and the calls that have them traced, for whoever asks`() {
        #expect(text(plan(), of: "__sys_connect").first?.contains("fd=") == false)
        #expect(!plan().tracepoints.contains { $0.hasPrefix("syscalls/") })
        let functions = Self.functions + ["__sys_listen", "__sys_shutdown", "do_writev"]
        let plan = plan(functions, details: [.descriptor])
        for symbol in ["__sys_connect", "__sys_accept4", "__sys_bind", "__sys_listen", "__sys_shutdown", "do_writev"] {
            #expect(text(plan, of: symbol).first?.contains(" fd=$arg1:s32") == true, "\(symbol)")
        }
        let calls = ["syscalls/sys_enter_write", "syscalls/sys_exit_recvmmsg"]
        #expect(Set(calls).isSubset(of: plan.tracepoints))
    }

    @Test func `Owner and namespace are fetched for whoever asks`() {
        let plan = plan(details: [.user, .namespace])
        #expect(
            text(plan, of: "security_socket_post_create").first?.hasSuffix(
                " uid=+132($arg1):u32 sk=+24($arg1):x64 netns=+144(+48(+24($arg1))):u32") == true)
    }

    @Test func `Where a sock's beginning is not known whole, its family comes from the operations`() {
        var layout = StructLayout.debian61WithEndpoints
        layout[.sockLocalPort] = nil
        let line = text(plan(layout: layout), of: "__sock_sendmsg").first
        #expect(line?.contains("family=+0(+32($arg1)):u32") == true && line?.contains("sk_") == false)
    }

    @Test(arguments: [nil, "x86_64", "aarch64", "i686", "s390x"])
    func `Every definition keeps to the kernel's limits`(machine: String?) throws {
        var request = PlanRequest(
            symbols: KernelSymbols(names: KernelFunction.candidateSymbols.sorted()), layout: .debian61WithEndpoints,
            convention: try machine.map { try #require(CallingConvention.registers(machine: $0)) } ?? .byNumber)
        for member in StructLayout.Member.allCases { request.layout.places[member]?.offset += 1_000 }
        request.tellsEndpoints = true
        request.details = [.user, .namespace, .cgroup]
        let plan = ProbePlan(for: request)
        let probes = plan.probes + plan.snapshot
        #expect(probes.count > 100)
        for probe in probes {
            #expect(probe.event.text.utf8.count < 64 && ProbeEventName(parsing: probe.event.text) == probe.event)
            #expect(probe.text(group: "sockftrace_4194304").utf8.count <= 4_094)
            for argument in probe.arguments {
                #expect(argument.name.utf8.count < 32)
                #expect("\(argument.expression):\(argument.type)".utf8.count <= 63, "\(argument.text)")
            }
            #expect(Set(probe.arguments.map(\.name)).count == probe.arguments.count, "\(probe.text(group: "g"))")
        }
        #expect(Set(probes.map(\.event.text)).count == probes.count)
    }
}
