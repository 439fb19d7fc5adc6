import ProbeContract
import Testing

/// The names of fields that hold several members.
@Suite struct FieldPackTests {
    @Test func `A name is read back as it was made`() {
        let pack = FieldPack([.init("state", offset: 16, width: 4), .init("flags", offset: 0, width: 8)])
        #expect(pack.fieldName == "pack_state16w4_flags0w8")
        #expect(FieldPack(parsing: pack.fieldName) == pack)
    }

    @Test(arguments: [
        "state", "flags_N2C3S4", "pack_state", "pack_state1", "pack_0w4", "pack_state0w9", "pack_state99w4",
        "pack_state0w4w4", "pack_state99999999999999999999w4",
    ])
    func `Other names are those of single fields`(name: String) {
        #expect(FieldPack(parsing: name) == nil)
    }
}
