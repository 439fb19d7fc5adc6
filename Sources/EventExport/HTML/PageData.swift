internal import EventOutput
internal import EventStatistics
internal import SocketEvents
internal import SocketNames

/// The data of a page, as JSON. Tables are arrays of arrays, to be small; report.js names their columns.
struct PageData {
    private let sources: [ExportSource]
    private let closings: [ExportClosing]
    private let program: String

    /// Rows of a table; what is beyond is one row.
    private static let rowLimit = 500
    private static let edgeLimit = 200

    init(_ sources: [ExportSource], _ closings: [ExportClosing], _ program: String) {
        (self.sources, self.closings, self.program) = (sources, closings, program)
    }

    func json(_ contents: inout PageContents) -> JSONText {
        for source in sources.indices { contents.connections.endAll(of: source, as: .open) }
        let connections = contents.connections.finish()
        var json = JSONText()
        json.object { json in
            json.text("program", program)
            write(contents, to: &json)
            write(connections, contents.connections, contents.clocks, to: &json)
        }
        return json
    }

    private func write(_ contents: borrowing PageContents, to json: inout JSONText) {
        writeSources(contents, to: &json)
        let total = contents.byProcess.total
        json.number("length", contents.clocks.length)
        json.object("total") { json in write(total, to: &json) }
        writeUnknown(contents.unknown, to: &json)
        writeTimes(contents.times, contents.heat, to: &json)
        json.object("latency") { json in
            write(total.sent.histogram, "send", to: &json)
            write(total.received.histogram, "receive", to: &json)
        }
        writeTable("processes", contents.byProcess.lines, to: &json) { key, json in
            json.number(nil, key.pid.map { Int64($0) })
            json.text(nil, key.comm?.description)
            json.number(nil, key.file ?? 0)
        }
        writeTable("peers", contents.byPeer.lines, to: &json) { key, json in
            json.text(nil, key.remote?.textWithoutPort)
        }
        writeEdges(contents.byPair.lines, to: &json)
        writeErrors(contents.errors, to: &json)
        writeEvents(contents.sample, contents.tasks, to: &json)
    }

    private func writeSources(_ contents: borrowing PageContents, to json: inout JSONText) {
        json.array("sources") { json in
            for (index, source) in sources.enumerated() {
                let closing = index < closings.count ? closings[index] : ExportClosing()
                json.object { json in
                    json.text("name", source.name)
                    json.text("machine", source.machine)
                    json.text("recorder", source.recorder)
                    json.text("clock", source.clock)
                    json.flag("countsNanoseconds", source.countsNanoseconds)
                    json.number("first", contents.clocks.firsts[index])
                    json.number("last", contents.clocks.lasts[index])
                    let wall = source.wallClock.flatMap { offset in
                        contents.clocks.firsts[index].map { $0 &+ UInt64(bitPattern: offset) }
                    }
                    // Nanoseconds since 1970 are beyond what numbers of JavaScript are exact to.
                    json.number("wallMicroseconds", wall.map { $0 / 1000 })
                    json.number("events", contents.counts[index])
                    json.number("lost", closing.lostRecords)
                    json.number("uncounted", closing.uncountedLosses)
                    json.number("missed", closing.missedReturns)
                    json.number("unfinished", closing.unfinished)
                    json.array("remarks") { json in
                        for remark in source.remarks + closing.remarks { json.text(nil, remark) }
                    }
                }
            }
        }
        json.array("losses") { json in
            for loss in contents.losses {
                json.array { json in
                    json.number(nil, loss.time)
                    json.number(nil, UInt64(loss.cpu))
                    json.number(nil, loss.count)
                    json.number(nil, loss.source)
                }
            }
        }
    }

    private func write(_ line: SummaryLine, to json: inout JSONText) {
        json.number("sends", line.sent.messages)
        json.number("sentBytes", line.sent.bytes)
        json.number("receives", line.received.messages)
        json.number("receivedBytes", line.received.bytes)
        json.number("failed", line.failed)
        for (name, latency) in [
            ("sendLatency" as StaticString, line.sent.latency), ("receiveLatency", line.received.latency),
        ] {
            json.array(name) { json in
                guard let latency else { return }
                for value in [latency.p50, latency.p90, latency.p99, latency.max] { json.number(nil, value) }
            }
        }
    }

    private func writeUnknown(_ unknown: UnknownCounts, to json: inout JSONText) {
        json.object("unknown") { json in
            json.number("messages", unknown.messages)
            json.number("process", unknown.process)
            json.number("outcome", unknown.outcome)
            json.number("latency", unknown.latency)
            json.number("peer", unknown.remote)
        }
    }

    private func writeTimes(_ times: TimeSeries, _ heat: HeatMap, to json: inout JSONText) {
        json.number("step", 1 << times.exponent as UInt64)
        json.object("steps") { json in
            json.numbers("sends", times.steps.lazy.map(\.sends))
            json.numbers("sentBytes", times.steps.lazy.map(\.sentBytes))
            json.numbers("receives", times.steps.lazy.map(\.receives))
            json.numbers("receivedBytes", times.steps.lazy.map(\.receivedBytes))
            json.numbers("failed", times.steps.lazy.map(\.failed))
        }
        json.object("heat") { json in
            json.number("step", 1 << heat.exponent as UInt64)
            json.numbers("bounds", HeatMap.bounds)
            json.array("cells") { json in
                for (step, counts) in heat.counts.enumerated() {
                    for (bin, count) in counts.enumerated() where count > 0 {
                        json.numbers(nil, [UInt64(step), UInt64(bin), count])
                    }
                }
            }
        }
    }

    private func write(_ histogram: [HistogramBucket], _ key: StaticString, to json: inout JSONText) {
        json.array(key) { json in
            for bucket in histogram { json.numbers(nil, [bucket.from, bucket.to, bucket.count]) }
        }
    }

    /// A table of groups: what they have in common, then messages, bytes and failures, then latencies.
    private func writeTable(
        _ name: StaticString, _ lines: [SummaryLine], to json: inout JSONText,
        key: (SummaryKey, inout JSONText) -> Void
    ) {
        json.object(name) { json in
            json.number("count", lines.count)
            json.array("rows") { json in
                for line in lines.prefix(Self.rowLimit) {
                    json.array { json in
                        key(line.key, &json)
                        writeSums(line, to: &json)
                    }
                }
            }
        }
    }

    private func writeSums(_ line: SummaryLine, to json: inout JSONText) {
        json.number(nil, line.sent.messages)
        json.number(nil, line.sent.bytes)
        json.number(nil, line.received.messages)
        json.number(nil, line.received.bytes)
        json.number(nil, line.failed)
        for latency in [line.sent.latency, line.received.latency] {
            json.number(nil, latency?.p50)
            json.number(nil, latency?.p99)
        }
    }

    private func writeEdges(_ lines: [SummaryLine], to json: inout JSONText) {
        json.object("edges") { json in
            json.number("count", lines.count)
            json.array("rows") { json in
                for line in lines.prefix(Self.edgeLimit) {
                    json.array { json in
                        json.text(nil, line.key.comm?.description)
                        json.text(nil, line.key.remote?.textWithoutPort)
                        json.number(nil, line.messages)
                        json.number(nil, line.bytes)
                        json.number(nil, line.failed)
                    }
                }
            }
        }
    }

    private func writeErrors(_ errors: ErrorTable, to json: inout JSONText) {
        let rows = errors.counts.sorted {
            ($0.value.count, $1.value.first, $1.key.task) > ($1.value.count, $0.value.first, $0.key.task)
        }
        json.object("errors") { json in
            json.number("count", rows.count)
            json.array("rows") { json in
                for (key, count) in rows.prefix(Self.rowLimit) {
                    json.array { json in
                        json.number(nil, UInt64(key.alias.rawValue))
                        json.text(nil, key.error.map(Self.name(ofError:)))
                        json.number(nil, key.task)
                        json.number(nil, count.count)
                        json.number(nil, count.first)
                        json.number(nil, count.last)
                    }
                }
            }
        }
    }

    private static func name(ofError error: Int32) -> String {
        ErrorNames.name(of: error)?.description ?? String(error)
    }
}
