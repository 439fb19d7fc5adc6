internal import Logging
internal import ProbePlanning
internal import SocketTracing

/// What `--verbose` tells of a capture.
enum CaptureLogging {
    static func log(_ plan: ProbePlan, _ verdict: SelfTestVerdict?, calibrationTime: UInt64?, to logger: Logger) {
        if let calibrationTime { logger.debug("calibration took \(calibrationTime / 1_000_000) ms") }
        for choice in plan.choices {
            logger.debug("\(choice.callPath): \(choice.functions.joined(separator: ", "))")
        }
        logger.debug("\(plan.probes.count) probes installed")
        guard let verdict else { return }
        logger.debug("the self-test took \(verdict.duration / 1_000_000) ms")
        // Now, as whoever traces for hours should not learn it at the end.
        if verdict.standing != .passed { Messages.say("warning: \(verdict.remark)") }
    }
}
