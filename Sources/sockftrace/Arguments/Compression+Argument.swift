public import ArgumentParser
public import TraceDat

extension Compression: ExpressibleByArgument {}
