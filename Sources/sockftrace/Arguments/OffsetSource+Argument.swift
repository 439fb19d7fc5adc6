public import ArgumentParser
public import SocketTracing

extension OffsetSource: ExpressibleByArgument {}
