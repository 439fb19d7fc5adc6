internal import Logging
internal import ProbePlan

/// What `--verbose` tells of a capture.
enum CaptureNotes {
    static func log(_ plan: ProbePlan, to logger: Logger) {
        for choice in plan.choices {
            logger.debug("\(choice.route): \(choice.functions.joined(separator: ", "))")
        }
        logger.debug("\(plan.probes.count) probes installed")
    }
}
