import Testing

@testable import RingBuffer
