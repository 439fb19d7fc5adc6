internal import TraceFS

/// As words of a recording's metadata.
extension Disturbance {
    var words: String {
        let words: [String] =
            switch kind {
            case .tracingOff: ["tracing-off"]
            case .eventsOff(let count): ["events-off", "\(count)"]
            case .probesRemoved(let count): ["probes-removed", "\(count)"]
            case .probesOff(let obstacle): ["probes-off", obstacle.rawValue]
            case .threadsChosen: ["threads-chosen"]
            case .threadsLeftOut: ["threads-left-out"]
            case .cpusChosen: ["cpus-chosen"]
            case .clockChanged(let clock): ["clock-changed", clock]
            case .buffersResized: ["buffers-resized"]
            case .bufferCleared(let cpu): ["buffer-cleared", "\(cpu)"]
            case .recordsTaken(let cpu, let count): ["records-taken", "\(cpu)", "\(count)"]
            }
        return ["\(time)"].joined() + " " + words.joined(separator: " ")
    }

    /// Nil for words that are not understood.
    init?(words: some Collection<String>) {
        let words = Array(words)
        guard words.count > 1, let time = UInt64(words[0]) else { return nil }
        func word(_ index: Int) -> String? { words.count > index ? words[index] : nil }
        func number<Number: FixedWidthInteger>(_ index: Int) -> Number? { word(index).flatMap { Number($0) } }
        let kind: Kind? =
            switch words[1] {
            case "tracing-off": .tracingOff
            case "events-off": number(2).map { .eventsOff($0) }
            case "probes-removed": number(2).map { .probesRemoved($0) }
            case "probes-off": word(2).flatMap { ProbeSwitches.Obstacle(rawValue: $0) }.map { .probesOff($0) }
            case "threads-chosen": .threadsChosen
            case "threads-left-out": .threadsLeftOut
            case "cpus-chosen": .cpusChosen
            case "clock-changed": word(2).map { .clockChanged($0) }
            case "buffers-resized": .buffersResized
            case "buffer-cleared": number(2).map { .bufferCleared(cpu: $0) }
            case "records-taken": number(2).flatMap { cpu in number(3).map { .recordsTaken(cpu: cpu, count: $0) } }
            default: nil
            }
        guard let kind else { return nil }
        self.init(kind, at: time)
    }
}
