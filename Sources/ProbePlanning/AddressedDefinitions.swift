package import KernelLayout
internal import PlainText

/// Definitions with a function's address in place of its name.
///
/// Kernels before 6.2 look a name up by going through all of theirs, and do so several times for one probe
/// (`kallsyms_lookup_name`, `number_of_same_symbols`): 80 to 110 million instructions for each on 5.10, 2 million with an
/// address. With an address no kernel takes `$argN` or `$retval`, only the registers in which these are.
package struct AddressedDefinitions: Sendable {
    private let symbols: KernelSymbols
    private let registers: [String]
    private let result: String

    /// Nil where the machine's registers are not known.
    package init?(_ symbols: KernelSymbols, machine: String) {
        guard let convention = CallingConvention.registers(machine: machine), let registers = convention.registers,
            let result = convention.result
        else { return nil }
        self.symbols = symbols
        self.registers = registers
        self.result = result
    }

    /// The same probe by address; nil where the function's is not known, or an argument is in none of the registers.
    /// - Parameter definition: `KIND:GROUP/EVENT FUNCTION [ARGUMENT]...`
    package func text(_ definition: String) -> String? {
        var words = definition.split(separator: " ").map(String.init)
        guard words.count > 1, let address = symbols.address(of: words[1]) else { return nil }
        words[1] = "0x" + String(address, radix: 16)
        for index in words.indices.dropFirst(2) {
            guard let argument = inRegisters(words[index]) else { return nil }
            words[index] = argument
        }
        return words.joined(separator: " ")
    }

    private func inRegisters(_ argument: String) -> String? {
        let pieces = argument.pieces(between: "$")
        var text = String(pieces[0])
        for piece in pieces.dropFirst() {
            if piece.hasPrefix("retval") {
                text += result + piece.dropFirst(6)
            } else if piece.hasPrefix("arg"), let number = piece.dropFirst(3).first?.wholeNumberValue,
                piece.dropFirst(4).first?.isWholeNumber != true, registers.indices.contains(number - 1)
            {
                text += registers[number - 1] + piece.dropFirst(4)
            } else {
                return nil
            }
        }
        return text
    }
}
