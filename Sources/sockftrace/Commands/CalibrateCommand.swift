internal import ArgumentParser
internal import ProbePlanning
internal import KernelLayout
internal import SocketTracing

/// `sockftrace calibrate`: the layouts that calibration learns, one after the other; hidden, for tests of whether it
/// always learns the same.
struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Learns the places of struct members again and again, and prints each answer.",
        discussion: """
            First what the kernel's type information says, then a line for each time, which begins with the \
            nanoseconds that it took. A place is offset/bytes, with the bits where they are not all. \
            "differs" names the members that the type information places elsewhere.
            """,
        shouldDisplay: false)

    @Option(help: ArgumentHelp("How often.", valueName: "count"))
    var `repeat` = 1

    mutating func run() throws {
        let signals = try SignalWatch()
        let survey = try signals.interruptible { try KernelSurvey(cancellation: signals.cancellation) }
        let stated = survey.statedLayout
        try StandardOutput.print("btf " + (stated.map(Self.text) ?? "none"))
        let clock = ContinuousClock()
        for _ in 0..<`repeat` {
            let begin = clock.now
            let calibrated = try signals.interruptible { survey.calibratedLayout() }
            try signals.check()
            let nanoseconds = (clock.now - begin) / .nanoseconds(1)
            let differing = stated?.disagreements(with: calibrated).map(\.rawValue) ?? []
            try StandardOutput.print(
                "\(Int(nanoseconds)) \(Self.text(calibrated)) differs=\(differing.joined(separator: ","))")
        }
    }

    private static func text(_ layout: StructLayout) -> String {
        // What not every kernel has is not told where it is not there.
        let members = StructLayout.Member.allCases.filter { $0.isEssential || layout[$0] != nil }
        let places = members.map { member in "\(member.rawValue)=" + (layout[member].map(text) ?? "?") }
        return (places + ["bits=\(layout.flagNames?.description ?? "?")"]).joined(separator: " ")
    }

    private static func text(_ place: StructLayout.Place) -> String {
        "\(place.offset)/\(place.width)" + (place.bits.map { ":\($0.lowerBound)-\($0.upperBound)" } ?? "")
    }
}
