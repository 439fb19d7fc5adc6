/// Where the bytes go that a consumer of events makes.
package protocol ByteSink: ~Copyable {
    /// Writes all bytes, or as many as it can until it has ended.
    mutating func write(_ bytes: borrowing OutputBuffer)

    /// Nothing more can be written.
    var hasEnded: Bool { get }
}
