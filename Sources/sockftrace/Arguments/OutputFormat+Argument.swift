internal import ArgumentParser
public import EventOutput

extension OutputFormat: ExpressibleByArgument {}
