public import SystemPackage

/// Why a trace.dat could not be read or written: what happened, in which file, at which byte, and what to do.
public struct TraceDatError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for programs that act on it.
    public enum Kind: Sendable, Equatable {
        /// The file is not a trace.dat at all.
        case notATraceFile
        /// A trace.dat, but of a version, compression or flavour that this reader does not take.
        case unsupported
        /// The file ends before what it announces.
        case cutShort
        /// The file contradicts itself, or claims sizes beyond what this reader accepts.
        case corrupt
        /// The disk (or quota) is full; what was appended before is kept, and `finish` still works.
        case noSpace
        /// Another recorder writes to the file.
        case busy
        /// The file was removed, renamed or overwritten by others while it was being written.
        case displaced
        /// The caller asked for something that cannot be: a CPU or buffer that is not there, a part of a page.
        case misuse
        /// The system refused a call.
        case system(Errno)
    }

    /// What went wrong, for programs that act on it.
    public let kind: Kind
    /// The file.
    public let path: String
    /// The byte of the file at which it happened, where there is one.
    public let offset: UInt64?
    /// What was tried and what was found.
    public let problem: String
    /// What to do about it; may be empty.
    public let remedy: String

    init(_ kind: Kind, path: String, offset: UInt64? = nil, _ problem: String, remedy: String = "") {
        self.kind = kind
        self.path = path
        self.offset = offset
        self.problem = problem
        self.remedy = remedy
    }

    /// The whole message, on one line: `PATH: PROBLEM (at byte N): REMEDY`.
    public var description: String {
        var text = "\(path): \(problem)"
        if case .system(let errno) = kind { text += ": \(errno)" }
        if let offset { text += " (at byte \(offset))" }
        if !remedy.isEmpty { text += "; \(remedy)" }
        return text
    }
}
