internal import Glibc

private let target = getenv("SOCKFTRACE_FUZZ_TARGET").flatMap { FuzzTarget(rawValue: String(cString: $0)) }

/// What libFuzzer, which has the main function, calls with each input (scripts/fuzz).
@_cdecl("LLVMFuzzerTestOneInput")
package func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let target else { return -1 }
    target.run(UnsafeRawBufferPointer(start: start, count: count))
    return 0
}
