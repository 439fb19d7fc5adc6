import Testing

@testable import TraceFS

/// The fixtures are the README texts of Debian's kernels (taken from their images) and of one without kprobes.
@Suite struct CapabilitiesTests {
    typealias Feature = Capabilities.Feature

    static let fetchBasics: Set<Feature> = [
        .userMemory, .userString, .symbolData, .taskName, .arrays, .entryArguments, .userProbes,
    ]
    static let kprobeBasics: Set<Feature> = fetchBasics.union([.kernelProbes, .maxActive, .returnSuffix])
    static let newer: Set<Feature> = kprobeBasics.union([
        .eventProbes, .symbolString, .functionProbes, .tracepointProbes, .namedArguments, .memberAccess,
        .returnArguments,
    ])

    @Test(arguments: [
        ("5.10", kprobeBasics),
        ("6.1", kprobeBasics.union([.eventProbes, .symbolString])),
        ("6.12", newer),
        ("7.2", newer),
        ("6.1-armhf", kprobeBasics.union([.eventProbes, .symbolString]).subtracting([.entryArguments])),
        ("6.18-nokprobes", fetchBasics.union([.eventProbes, .symbolString, .returnArguments])),
    ])
    func readmeTellsTheFeatures(kernel: String, expected: Set<Feature>) throws {
        let found = Capabilities(readme: try fixture("readme/\(kernel).txt"), files: [])
        #expect(found.features == expected)
    }

    @Test func kernelBeforeArgumentsByNumberHasNone() {
        // As 4.19 writes it.
        let readme = """
              kprobe_events\t\t- Add/remove/show the kernel dynamic events
            \t  accepts: event-definitions (one definition per line)
            \t   Format: p|r[:[<group>/]<event>] <place> [<args>]
            \t           -:[<group>/]<event>
            \t    place: [<module>:]<symbol>[+<offset>]|<memaddr>
            \t     args: <name>=fetcharg[:type]
            \t fetcharg: %<register>, @<address>, @<symbol>[+|-<offset>],
            \t           $stack<index>, $stack, $retval, $comm
            \t     type: s8/16/32/64, u8/16/32/64, x8/16/32/64, string, symbol,
            \t           b<bit-width>@<bit-offset>/<container-size>
            """
        let found = Capabilities(readme: readme, files: ["kprobe_events", "kprobe_profile"])
        #expect(found.features == [.kernelProbes, .probeProfile, .symbolData, .taskName])
    }

    @Test func filesAndOptionsCount() {
        let found = Capabilities(
            readme: "", files: ["dynamic_events", "error_log", "set_event_notrace_pid", "instances"],
            options: ["event-fork", "record-tgid"])
        #expect(
            found.features == [
                .dynamicEvents, .errorLog, .excludedPids, .instances, .followForks, .recordProcesses,
            ])
    }

    @Test func standInDirectoryIsReadAsAWhole() throws {
        let standIn = try StandIn()
        try standIn.put("README", try fixture("readme/6.1.txt"))
        try standIn.put("dynamic_events")
        try standIn.put("options/event-fork", "0\n")
        let found = try standIn.directory.capabilities()
        #expect(found.has(.dynamicEvents) && found.has(.followForks) && found.has(.kernelProbes))
        #expect(!found.has(.errorLog))
    }
}
