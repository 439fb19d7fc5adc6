internal import ArgumentParser
public import EventStatistics

extension SummaryOrder: ExpressibleByArgument {}

extension SummaryFormat: ExpressibleByArgument {}
