internal import RingBuffer
internal import SocketEvents

/// What a trace's records contradict, in words: how often each happened, and where first.
enum MalformedParts {
    /// - Parameters:
    ///   - names: of the streams.
    ///   - faults: of each stream.
    static func remarks(_ names: [String], _ faults: [PageFaults], _ statistics: DecodeStatistics) -> [String] {
        [pages(names, faults), shortRecords(statistics)].compactMap { $0 }
    }

    private static func pages(_ names: [String], _ faults: [PageFaults]) -> String? {
        let kinds = PageFault.allCases.compactMap { kind in
            let count = faults.reduce(0) { $0 + $1[kind] }
            return count == 0 ? nil : "\(count) \(words(kind))"
        }
        guard let (name, place) = zip(names, faults).lazy.compactMap({ name, of in of.first.map { (name, $0) } }).first
        else { return nil }
        let count = faults.reduce(0) { $0 + $1.count }
        return "\(count) malformed \(count == 1 ? "sub-buffer" : "sub-buffers"), read up to the fault: "
            + kinds.joined(separator: ", ") + "; the first: \(name), at byte \(place.offset) of its data"
    }

    private static func words(_ fault: PageFault) -> String {
        switch fault {
        case .tooMuchData: "with more data than fits"
        case .recordTooLong: "with a record that ends beyond the data"
        case .impossibleLength: "with a record of an impossible length"
        case .headerCut: "with a record whose header is cut"
        }
    }

    private static func shortRecords(_ statistics: DecodeStatistics) -> String? {
        guard let first = statistics.firstShortRecord else { return nil }
        let count = statistics.shortRecords
        return "\(count) \(count == 1 ? "record" : "records") left out, shorter than the format says; the first: CPU "
            + "\(first.cpu), at \(first.time) of the trace clock"
    }
}
