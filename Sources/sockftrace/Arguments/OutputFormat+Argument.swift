internal import ArgumentParser
package import EventOutput

/// What users choose by a word, in any case.
protocol WordArgument: ExpressibleByArgument, RawRepresentable, CaseIterable where RawValue == String {}

extension WordArgument {
    init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}

extension OutputFormat: WordArgument {}
