import SocketNames
import Testing

@Suite("Meanings of socket flags")
struct SocketFlagNamesTests {
    @Test("The compact form leads back to itself", arguments: ["", "A0W1N2C3S4Z5", "A0W1N2Z3O4", "Z5", "N2P15"])
    func roundTrip(text: String) throws {
        #expect(try #require(SocketFlagNames(compact: text)).description == text)
    }

    @Test("The compact form may be in any order")
    func order() {
        #expect(SocketFlagNames(compact: "Z5A0")?.description == "A0Z5")
    }

    @Test(
        "What is not of that form is refused",
        arguments: ["A", "0", "A0A1", "A0W0", "A-1", "A0 ", "A64", "A000", "É1", "A٣"])
    func malformed(text: String) {
        #expect(SocketFlagNames(compact: text) == nil)
    }

    @Test("A letter of a newer version leaves its bit without a name")
    func newerLetters() {
        let names = SocketFlagNames(compact: "N2X9Z3")
        #expect(names?[9] == nil)
        #expect(names?[3] == .supportZC)
    }

    @Test("A recorded field of a higher bit is understood and has no name")
    func highBits() {
        let names = SocketFlagNames(compact: "N2Z63")
        #expect(names?[63] == nil)
        #expect(names?.description == "N2")
    }

    @Test("The two layouts of Linux differ in bits 3 and 4")
    func layouts() {
        #expect(SocketFlagNames.withPassBits.description == "A0W1N2C3S4Z5O6P7")
        #expect(SocketFlagNames.withoutPassBits.description == "A0W1N2Z3O4")
        #expect(SocketFlagNames.unknown == SocketFlagNames())
    }

    @Test("A bit can be given a meaning and lose it")
    func bits() {
        var names = SocketFlagNames.withPassBits
        names[3] = nil
        #expect(names[3] == nil)
        names[15] = .passCred
        #expect(names[15] == .passCred)
        names[16] = .passCred
        #expect(names[16] == nil)
        #expect(names.description == "A0W1N2S4Z5O6P7C15")
    }

    @Test("Letters and names are unique")
    func unique() {
        #expect(Set(SocketFlag.allCases.map(\.letter)).count == SocketFlag.allCases.count)
        #expect(Set(SocketFlag.allCases.map(\.name.description)).count == SocketFlag.allCases.count)
    }
}
