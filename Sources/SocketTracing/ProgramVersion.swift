/// The version of this package: what `--version` says, and recordings note.
package enum ProgramVersion {
    package static let current = "0.1.0"
}
