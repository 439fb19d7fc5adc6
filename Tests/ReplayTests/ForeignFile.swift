import EventFormats
import Foundation
import RingBuffer
import TraceTestSupport

/// A trace.dat of version 6 as trace-cmd would write it on a machine of another byte order or word size, of the pages
/// in `fixtures/foreign`.
struct ForeignFile {
    /// The folders there, and what uname(2) calls the machine.
    static let machines = ["i386": "i686", "arm64": "aarch64", "armhf": "armv7l", "s390x": "s390x"]

    var byteOrder: ByteOrder
    var longSize: Int
    private let folder: URL

    init(_ machine: String) {
        folder = Fixture.root.appending(path: "foreign/\(machine)")
        byteOrder = machine == "s390x" ? .big : .little
        longSize = ["i386", "armhf"].contains(machine) ? 4 : 8
    }

    private func contents(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    var ledger: [Substring] {
        get throws { String(decoding: try contents("ledger"), as: UTF8.self).split(separator: "\n") }
    }

    /// The whole file.
    var bytes: [UInt8] {
        get throws {
            var out: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing6".utf8) + [0]
            func put<Value: FixedWidthInteger>(_ value: Value) { out += byteOrder.bytes(of: value) }
            func put(sized text: [UInt8]) {
                put(UInt64(text.count))
                out += text
            }
            func put(name: String) { out += Array(name.utf8) + [0] }

            out += [byteOrder == .big ? 1 : 0, UInt8(longSize)]
            put(UInt32(4096))
            for name in ["header_page", "header_event"] {
                put(name: name)
                put(sized: try contents(name))
            }
            // No formats of the ftrace system itself.
            put(UInt32(0))
            let systems = Dictionary(grouping: try formatNames) { String($0.prefix { $0 != "_" }) }
            put(UInt32(systems.count))
            for (system, names) in systems.sorted(by: { $0.key < $1.key }) {
                put(name: system)
                put(UInt32(names.count))
                for name in names { put(sized: try contents(name)) }
            }
            // No symbols, no printk formats.
            put(UInt32(0))
            put(UInt32(0))
            put(sized: try contents("saved_cmdlines"))
            let pages = try [contents("cpu0.pages"), contents("cpu1.pages")]
            put(UInt32(pages.count))
            put(name: "options  ")
            put(UInt16(0))
            put(name: "flyrecord")
            var place = (out.count + 16 * pages.count + 4095) / 4096 * 4096
            for part in pages {
                put(UInt64(place))
                put(UInt64(part.count))
                place += part.count
            }
            out += [UInt8](repeating: 0, count: -out.count & 4095)
            return out + pages.flatMap { $0 }
        }
    }

    private var formatNames: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".format") }.sorted()
        }
    }
}
