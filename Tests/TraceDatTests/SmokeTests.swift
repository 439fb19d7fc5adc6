import Testing

@testable import TraceDat
