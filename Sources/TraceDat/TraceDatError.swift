/// Why a trace.dat could not be read or written.
public struct TraceDatError: Error, Equatable {
    public var message: String
}
