// What swift-argument-parser takes from FoundationEssentials, which nothing else here imports: the text of an error, and
// the JSON of --experimental-dump-help. The JSON is, byte for byte, what Foundation's own encoder makes of the same; the
// kernel tests on arm64 compare the two.
//
// Debian's FoundationEssentials is a binary module of another compiler, which this one refuses.

/// An error with texts for people.
public protocol LocalizedError: Error {
    /// What went wrong.
    var errorDescription: String? { get }
    /// Why.
    var failureReason: String? { get }
    /// What can be done about it.
    var recoverySuggestion: String? { get }
    /// Where in a manual more is said.
    var helpAnchor: String? { get }
}

extension LocalizedError {
    /// Nil unless the error says more; so are the others.
    public var errorDescription: String? { nil }
    /// Nil.
    public var failureReason: String? { nil }
    /// Nil.
    public var recoverySuggestion: String? { nil }
    /// Nil.
    public var helpAnchor: String? { nil }
}

/// Bytes.
public struct Data: Sendable {
    fileprivate var bytes: [UInt8]
}

extension String {
    /// How a text is written in bytes.
    public struct Encoding: Sendable {
        /// The only one here.
        public static let utf8 = Encoding()
    }

    /// The text that bytes stand for; nil where they are not UTF-8.
    public init?(data: Data, encoding: Encoding) {
        self.init(validating: data.bytes, as: UTF8.self)
    }
}

/// Writes values as JSON.
open class JSONEncoder {
    /// How the JSON looks.
    public struct OutputFormatting: OptionSet, Sendable {
        /// A bit an option.
        public let rawValue: UInt
        /// Options by their bits.
        public init(rawValue: UInt) { self.rawValue = rawValue }
        /// A line a value, indented.
        public static let prettyPrinted = OutputFormatting(rawValue: 1 << 0)
        /// Keys are always sorted.
        public static let sortedKeys = OutputFormatting(rawValue: 1 << 1)
    }

    /// All on one line unless something else is said.
    open var outputFormatting: OutputFormatting = []

    /// An encoder with no options.
    public init() {}

    /// The value's JSON in UTF-8.
    open func encode<T: Encodable>(_ value: T) throws -> Data {
        let node = Node()
        try node.encode(value, [])
        var text = ""
        node.write(to: &text, indent: outputFormatting.contains(.prettyPrinted) ? "\n" : nil)
        return Data(bytes: Array(text.utf8))
    }
}

/// A value of JSON. A class, as the containers of an `Encoder` fill in later what they were made for.
private final class Node {
    private enum Content {
        /// A number, true, false or null.
        case literal(String)
        case string(String)
        case array([Node])
        case object([String: Node])
    }

    private var content = Content.object([:])

    func encode<T: Encodable>(_ value: T, _ path: [any CodingKey]) throws {
        switch value {
        case let text as String: content = .string(text)
        case let truth as Bool: content = .literal(truth ? "true" : "false")
        case let number as any BinaryInteger: content = .literal("\(number)")
        case let number as any BinaryFloatingPoint & CustomStringConvertible:
            guard number.isFinite else {
                throw EncodingError.invalidValue(
                    value, EncodingError.Context(codingPath: path, debugDescription: "JSON has no \(number)"))
            }
            let text = number.description
            content = .literal(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
        default: try value.encode(to: NodeEncoder(node: self, codingPath: path))
        }
    }

    func encodeNil() { content = .literal("null") }

    func beArray() {
        if case .array = content { return }
        content = .array([])
    }

    func append() -> Node {
        guard case .array(var elements) = content else { return Node() }
        let element = Node()
        elements.append(element)
        content = .array(elements)
        return element
    }

    var count: Int {
        if case .array(let elements) = content { elements.count } else { 0 }
    }

    func member(_ name: String) -> Node {
        guard case .object(var members) = content else { return Node() }
        let member = Node()
        members[name] = member
        content = .object(members)
        return member
    }

    // MARK: Text

    /// - Parameter indent: what begins a line at this depth; nil for all on one.
    func write(to text: inout String, indent: String?) {
        let inner = indent.map { $0 + "  " }
        switch content {
        case .literal(let literal): text += literal
        case .string(let string): Self.write(string, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                text += (index > 0 ? "," : "") + (inner ?? "")
                element.write(to: &text, indent: inner)
            }
            text += Self.ending(isEmpty: elements.isEmpty, indent) + "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                text += (index > 0 ? "," : "") + (inner ?? "")
                Self.write(member.key, to: &text)
                text += indent == nil ? ":" : " : "
                member.value.write(to: &text, indent: inner)
            }
            text += Self.ending(isEmpty: members.isEmpty, indent) + "}"
        }
    }

    /// Foundation leaves an empty line where there is nothing.
    private static func ending(isEmpty: Bool, _ indent: String?) -> String {
        guard let indent else { return "" }
        return isEmpty ? "\n" + indent : indent
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\", "/": text += "\\\(scalar)"
            case "\u{8}": text += "\\b"
            case "\u{C}": text += "\\f"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\0"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

private struct NodeEncoder: Encoder {
    let node: Node
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(KeyedContainer(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.beArray()
        return ArrayContainer(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        ValueContainer(node: node, codingPath: codingPath)
    }
}

private struct KeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: Node
    let codingPath: [any CodingKey]

    func encodeNil(forKey key: Key) { node.member(key.stringValue).encodeNil() }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try node.member(key.stringValue).encode(value, codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        superEncoder(forKey: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        superEncoder(forKey: key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        NodeEncoder(node: node.member("super"), codingPath: codingPath)
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        NodeEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
    }
}

private struct ArrayContainer: UnkeyedEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]
    var count: Int { node.count }

    func encodeNil() { node.append().encodeNil() }

    func encode<T: Encodable>(_ value: T) throws { try node.append().encode(value, codingPath) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        superEncoder().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { superEncoder().unkeyedContainer() }

    func superEncoder() -> any Encoder { NodeEncoder(node: node.append(), codingPath: codingPath) }
}

private struct ValueContainer: SingleValueEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]

    func encodeNil() { node.encodeNil() }

    func encode<T: Encodable>(_ value: T) throws { try node.encode(value, codingPath) }
}
