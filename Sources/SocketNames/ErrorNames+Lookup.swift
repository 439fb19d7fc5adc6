extension ErrorNames {
    /// The positive number of an error by its name, in any case, or by its number; EWOULDBLOCK and ENOTSUP are other names
    /// of EAGAIN and EOPNOTSUPP.
    package static func number(of text: String) throws(UnknownNameError) -> Int32 {
        let upper = text.uppercased()
        let name = ["EWOULDBLOCK": "EAGAIN", "ENOTSUP": "EOPNOTSUPP", "EDEADLOCK": "EDEADLK"][upper] ?? upper
        if let number = NameLookup.number(written: text, in: 1...4095)
            ?? NameLookup.number(named: name, in: range, by: self.name(of:))
        {
            return number
        }
        throw UnknownNameError(
            kind: "error", text: text, valid: NameLookup.names(in: range, by: self.name(of:)))
    }
}
