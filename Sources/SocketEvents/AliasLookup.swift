public import SocketNames

extension Alias {
    /// The alias of a name as users type it: `socket.send`, or without the prefix, `send`, in any case.
    public static func named(_ text: String) throws(UnknownNameError) -> Alias {
        let lower = text.lowercased()
        for alias in allCases where alias.name.description == lower || alias.name.description == "socket." + lower {
            return alias
        }
        throw UnknownNameError(kind: "probe", text: text, valid: helpNames)
    }

    /// All names, for help and for messages.
    public static var helpNames: [String] { allCases.map { $0.name.description } }
}
