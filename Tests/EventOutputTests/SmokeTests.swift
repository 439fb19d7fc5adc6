import Testing

@testable import EventOutput
