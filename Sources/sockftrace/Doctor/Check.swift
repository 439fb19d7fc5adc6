/// One thing that the doctor looked at.
struct Finding {
    enum Verdict: String {
        case ok
        /// Tracing works without it, though something is lacking.
        case note
        /// Nothing can be said.
        case unknown
        /// Tracing cannot work.
        case missing
    }

    var verdict: Verdict
    /// What is the case, in a few words.
    var detail: String
    /// What to do about it; may be empty.
    var remedy = ""

    static func ok(_ detail: String) -> Finding { Finding(verdict: .ok, detail: detail) }
    static func note(_ detail: String, remedy: String = "") -> Finding {
        Finding(verdict: .note, detail: detail, remedy: remedy)
    }
    static func unknown(_ detail: String, remedy: String = "") -> Finding {
        Finding(verdict: .unknown, detail: detail, remedy: remedy)
    }
    static func missing(_ detail: String, remedy: String) -> Finding {
        Finding(verdict: .missing, detail: detail, remedy: remedy)
    }
}

/// One question that the doctor asks.
struct Check: Sendable {
    /// What it is about, in a word or two.
    let name: String
    /// Looks, and finds as much as there is; nothing where the question does not arise.
    let look: @Sendable (DoctorContext) -> [Finding]
}
