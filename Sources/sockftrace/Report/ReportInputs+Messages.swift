internal import ArgumentParser
internal import EventOutput
internal import Logging
internal import SocketTracing

extension ReportInputs {
    /// Columns of the longest label.
    var labelWidth: Int { files.map { LineLabel.width($0.name) }.max() ?? 0 }

    /// The paths of control groups by their numbers, but of those that are called otherwise in another file.
    var groupPaths: [UInt64: String] {
        var (paths, doubtful) = ([UInt64: String](), Set<UInt64>())
        for (number, path) in files.flatMap({ $0.facts.groupPaths.map { $0 } }) {
            if paths[number] ?? path != path { doubtful.insert(number) }
            paths[number] = path
        }
        return paths.filter { !doubtful.contains($0.key) }
    }

    /// What there is to say before the first event.
    func tell(_ logger: Logger) throws(TracingError) {
        for file in files where !file.facts.countsNanoseconds {
            Messages.say(
                prefix(file)
                    + "the clock \(PrintableText.line(file.facts.clock)) counts no nanoseconds: times are its ticks, "
                    + "durations are unknown")
        }
        for file in files where logger.logLevel <= .debug {
            let facts = RecordingInfoText.lines(file.facts, beginning: try file.beginning())
            for (name, text) in facts.known + facts.details {
                logger.debug("\(prefix(file))\(name): \(text)")
            }
        }
    }

    /// What each file came to.
    /// - Parameters:
    ///   - tallies: what was made of the events of each file.
    ///   - isVerbose: also what went well.
    /// - Returns: the worst that any of them amounts to.
    func tellClosing(tallies: [Tally], isStrict: Bool, isVerbose: Bool) -> ExitStatus {
        var worst = ExitStatus.done
        for (file, tally) in zip(files, tallies) {
            for part in file.damage { Messages.say(prefix(file) + part) }
            let (text, status) = ReportLines.lines(
                of: file.closingReport, tally: tally, isStrict: isStrict, isVerbose: isVerbose)
            Messages.say(prefix(file) + text)
            let result = file.damage.isEmpty ? status : .failed
            if result == .failed || worst == .done { worst = result }
        }
        return worst
    }

    /// Says how it ended, and ends the command where that is not a matter of course.
    /// - Parameter what: what the consumer wrote, for messages.
    func close<Consumer: WritingConsumer & ~Copyable>(
        _ consumer: borrowing Consumer, _ what: String, isStrict: Bool, isVerbose: Bool
    ) throws where Consumer.Sink == OutputSink {
        let (end, name) = (consumer.sink.sink.end, consumer.sink.sink.name)
        switch end {
        case .closed: return
        case .failed(let error): throw CommandFailure("cannot write the \(what) to \(name): \(error)")
        case .abandoned, nil:
            throw ExitCode(tellClosing(tallies: consumer.tallies, isStrict: isStrict, isVerbose: isVerbose).rawValue)
        }
    }

    private func prefix(_ file: ReportInput) -> String {
        files.count == 1 ? "" : "\(file.name): "
    }
}
