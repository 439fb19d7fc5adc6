/// What the running kernel is taken for: for tests of what else there is where something is lacking.
package struct KernelOverrides: Sendable {
    /// Kernel functions that are treated as if the kernel had none of that name.
    package var absent: Set<String>
    /// Kernel functions whose probes never record anything, as if inlining had left them behind.
    package var silent: Set<String>
    /// As if nothing were known of the names of the protocols' functions, and none were a function's own.
    package var hidesProtocolNames: Bool
    /// As if it had been built without kprobe events.
    package var hidesKprobes: Bool

    /// The kernel as it is, but for what is given.
    package init(
        absent: Set<String> = [], silent: Set<String> = [], hidesProtocolNames: Bool = false, hidesKprobes: Bool = false
    ) {
        self.absent = absent
        self.silent = silent
        self.hidesProtocolNames = hidesProtocolNames
        self.hidesKprobes = hidesKprobes
    }
}
