internal import EventOutput

/// Builds JSON that may stand in a `<script>` of a page: no text can end that element, and what turns the direction of
/// writing or takes no room is visible in the text as `\xNN`, as it is on a terminal.
struct JSONText: ~Copyable {
    private(set) var out = OutputBuffer(capacity: 1 << 20)
    private var needsComma = false

    init() {}

    mutating func object(_ key: StaticString? = nil, _ body: (inout JSONText) -> Void) {
        open(key, UInt8(ascii: "{"))
        body(&self)
        close(UInt8(ascii: "}"))
    }

    mutating func array(_ key: StaticString? = nil, _ body: (inout JSONText) -> Void) {
        open(key, UInt8(ascii: "["))
        body(&self)
        close(UInt8(ascii: "]"))
    }

    mutating func number(_ key: StaticString? = nil, _ value: UInt64?) {
        begin(key)
        if let value { out.append(decimal: value) } else { out.append("null") }
    }

    mutating func number(_ key: StaticString? = nil, _ value: Int64?) {
        begin(key)
        if let value { out.append(decimal: value) } else { out.append("null") }
    }

    mutating func number(_ key: StaticString? = nil, _ value: Int) { number(key, Int64(value)) }

    mutating func numbers(_ key: StaticString? = nil, _ values: some Sequence<UInt64>) {
        array(key) { json in for value in values { json.number(nil, value) } }
    }

    mutating func flag(_ key: StaticString? = nil, _ value: Bool) {
        begin(key)
        out.append(value ? "true" : "false")
    }

    mutating func text(_ key: StaticString? = nil, _ text: String?) {
        begin(key)
        guard let text else { return out.append("null") }
        out.append(UInt8(ascii: "\""))
        for byte in PrintableText.json(PrintableText.line(text)).utf8 {
            switch byte {
            // `</script` and `<!--` would end the element or change how it is read.
            case UInt8(ascii: "<"): out.append("\\u003c")
            case UInt8(ascii: ">"): out.append("\\u003e")
            case UInt8(ascii: "&"): out.append("\\u0026")
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    private mutating func begin(_ key: StaticString?) {
        if needsComma { out.append(UInt8(ascii: ",")) }
        needsComma = true
        guard let key else { return }
        out.append(UInt8(ascii: "\""))
        out.append(key)
        out.append("\":")
    }

    private mutating func open(_ key: StaticString?, _ bracket: UInt8) {
        begin(key)
        out.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        out.append(bracket)
        needsComma = true
    }
}
