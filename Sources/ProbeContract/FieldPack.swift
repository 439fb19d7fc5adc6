/// Neighbouring members of a struct that one fetch brings, as memory has them, and the name of the field that holds them:
/// `pack_state0w4_type4w2` has `state` in its bytes 0 to 3 and `type` in its bytes 4 and 5.
///
/// On 6.1, x86-64, a fetch costs the traced call 110 instructions and 75 more for each pointer on its way; a further
/// element of an array costs 100.
@usableFromInline
package struct FieldPack: Sendable, Equatable {
    /// What lies in it.
    package var members: [Member]

    /// One of the members.
    @usableFromInline
    package struct Member: Sendable, Equatable {
        /// The field's name, were it fetched by itself.
        package var name: String
        /// Bytes from the start of the field.
        package var offset: Int
        /// Bytes.
        package var width: Int

        /// A member, offset and width in bytes.
        package init(_ name: String, offset: Int, width: Int) {
            self.name = name
            self.offset = offset
            self.width = width
        }
    }

    /// A pack of these members.
    package init(_ members: [Member]) {
        self.members = members
    }

    private static let prefix = "pack_"

    /// Nil where the text names a single field.
    package init?(parsing text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        members = []
        for word in text.dropFirst(Self.prefix.count).split(separator: "_") {
            let name = word.prefix { !$0.isNumber }
            let numbers = word.dropFirst(name.count).split(separator: "w").map { Int($0) }
            guard !name.isEmpty, numbers.count == 2, let offset = numbers[0], let width = numbers[1],
                (0..<64).contains(offset), (1...8).contains(width)
            else { return nil }
            members.append(Member(String(name), offset: offset, width: width))
        }
    }

    /// The name of the field.
    package var fieldName: String {
        Self.prefix + members.map { "\($0.name)\($0.offset)w\($0.width)" }.joined(separator: "_")
    }

    /// The member of a name, if it lies within so many bytes.
    package func member(_ name: String, within size: Int) -> Member? {
        members.first { $0.name == name && $0.offset + $0.width <= size }
    }
}
