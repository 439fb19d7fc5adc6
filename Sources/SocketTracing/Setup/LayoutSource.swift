internal import LinuxSystem
package import KernelLayout
internal import SocketEvents
internal import TraceFS

/// Where a trace takes the offsets of struct members from: what the kernel states, or experiments with sockets of our own.
struct LayoutSource {
    let offsets: OffsetSource

    init(_ offsets: OffsetSource) {
        self.offsets = offsets
    }

    /// What was learnt, and the instance in which: making one and taking it away costs the kernel grace periods, so a
    /// trace goes on in it.
    struct Learned: ~Copyable {
        let kernel: KernelKnowledge
        /// Nil where no experiment was needed, or none could be made.
        let instance: TracerInstance?

        consuming func leaveInstance() -> TracerInstance? { instance }

        /// Takes the instance away.
        consuming func leave() -> KernelKnowledge {
            let kernel = kernel
            var instance = instance
            _ = instance?.stop()
            _ = instance?.remove()
            return kernel
        }
    }

    /// Learns what a plan has to know. What the experiments do not show, or cannot be made, is unknown.
    /// - Parameters:
    ///   - bufferKilobytes: KiB per CPU that the trace is going to have.
    ///   - fields: that somebody wants to know of sockets besides.
    func learn(
        from survey: KernelSurvey, bufferKilobytes: Int, for fields: Set<OptionalField> = []
    ) throws(TracingError) -> Learned {
        let stated = offsets == .calibrate ? nil : survey.statedLayout
        if stated == nil, offsets == .btf { throw .noTypeInformation }
        let questions = Calibrator.Questions(stated: stated, protocols: survey.protocolScan, fields: fields)
        guard survey.canCalibrate, !questions.isEmpty else {
            return Learned(
                kernel: KernelKnowledge(
                    survey, layout: stated ?? StructLayout(), protocols: nil, calibrationTime: nil),
                instance: nil)
        }
        let begin = Clock.monotonic.now
        let size = max(bufferKilobytes, MemorySession.bufferKilobytes)
        let outcome = Calibrator.answer(
            questions, in: try? TracerInstance.make(on: survey, bufferKilobytes: size), survey)
        let kernel = KernelKnowledge(
            survey, layout: outcome.answers.layout, protocols: outcome.answers.protocols,
            calibrationTime: Clock.monotonic.now - begin)
        return Learned(kernel: kernel, instance: outcome.leave())
    }
}

extension KernelSurvey {
    /// The layout that experiments alone show, made anew each time.
    package func calibratedLayout() -> StructLayout {
        let boost = PriorityBoost.begin()
        defer { boost.end() }
        let outcome = Calibrator.answer(
            Calibrator.Questions(stated: nil, protocols: nil, fields: Set(OptionalField.allCases)),
            in: try? TracerInstance.make(on: self, bufferKilobytes: MemorySession.bufferKilobytes), self)
        let layout = outcome.answers.layout
        var instance = outcome.leave()
        _ = instance?.stop()
        _ = instance?.remove()
        return layout
    }
}
