internal import ArgumentParser
package import EventStatistics

extension SummaryOrder: WordArgument {}
extension SummaryFormat: WordArgument {}
extension HistogramSubject: WordArgument {}
extension TopGrouping: WordArgument {}
extension TopOrder: WordArgument {}
