/// The numbers of options, which in version 7 are those of sections too.
///
/// Source: `enum` of `TRACECMD_OPTION_*` in trace-cmd's `trace-cmd-private.h`.
enum OptionID {
    static let done: UInt16 = 0
    static let date: UInt16 = 1
    static let cpuStatistics: UInt16 = 2
    static let buffer: UInt16 = 3
    static let traceClock: UInt16 = 4
    static let uname: UInt16 = 5
    static let offset: UInt16 = 7
    static let cpuCount: UInt16 = 8
    static let version: UInt16 = 9
    static let timeShift: UInt16 = 12
    static let ticks: UInt16 = 14
    static let strings: UInt16 = 15
    static let headerInfo: UInt16 = 16
    static let ftraceFormats: UInt16 = 17
    static let eventFormats: UInt16 = 18
    static let symbols: UInt16 = 19
    static let printkFormats: UInt16 = 20
    static let commandLines: UInt16 = 21
    static let bufferText: UInt16 = 22
}
