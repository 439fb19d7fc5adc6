import Testing

@testable import LinuxSystem

@Suite struct ControlGroupTests {
    @Test func `The mount of cgroup2 is found in what the kernel lists, whatever its path`() {
        let other = "25 30 0:23 / /sys/fs/cgroup/pids rw,nosuid shared:5 - cgroup cgroup rw,pids\n"
        #expect(ControlGroups.mount(in: other) == nil)
        #expect(ControlGroups.mount(in: "") == nil)
        #expect(ControlGroups.mount(in: "1 2\n- cgroup2\n") == nil)
        let usual = other + "26 30 0:24 / /sys/fs/cgroup rw,nosuid shared:9 master:1 - cgroup2 cgroup2 rw,nsdelegate\n"
        #expect(ControlGroups.mount(in: usual) == "/sys/fs/cgroup")
        #expect(ControlGroups.mount(in: "26 30 0:24 / /a\\040b\\134 rw - cgroup2 none rw\n") == "/a b\\")
    }
}
