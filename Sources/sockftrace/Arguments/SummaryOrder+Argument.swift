public import ArgumentParser
public import EventSummary

extension SummaryOrder: ExpressibleByArgument {}
