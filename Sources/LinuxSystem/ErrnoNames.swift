internal import SocketNames
package import SystemPackage

extension Errno {
    /// The symbol of the error number, as the manual pages write it (`ENOENT`); the number for others.
    package var name: String {
        ErrorNames.name(of: rawValue).map { "\($0)" } ?? "error \(rawValue)"
    }
}
