internal import EventOutput
internal import EventStatistics
internal import SocketEvents
internal import SocketNames

// Single events and connections.
extension PageData {
    /// Texts that are written once and then referred to by number.
    private struct Texts {
        private var numbers: [String: Int] = [:]
        private(set) var texts: [String] = []

        mutating func number(of text: String?) -> Int64? {
            guard let text else { return nil }
            if let number = numbers[text] { return Int64(number) }
            numbers[text] = texts.count
            texts.append(text)
            return Int64(texts.count - 1)
        }
    }

    func writeEvents(_ sample: EventSample, _ tasks: TaskIndex, to json: inout JSONText) {
        json.array("aliases") { json in
            for alias in Alias.allCases { json.text(nil, alias.name.description) }
        }
        let events = sample.events
        // Names of processes without an event or an error here could be left out; they are few.
        json.array("tasks") { json in
            for key in tasks.keys {
                json.array { json in
                    json.number(nil, key.pid.map { Int64($0) })
                    json.text(nil, key.comm?.description)
                    json.number(nil, key.source)
                }
            }
        }
        var texts = Texts()
        json.object("events") { json in
            json.number("count", sample.count)
            json.array("rows") { json in
                for event in events { write(event, &texts, to: &json) }
            }
        }
        json.array("texts") { json in
            for text in texts.texts { json.text(nil, text) }
        }
    }

    private func write(_ event: EventSample.Event, _ texts: inout Texts, to json: inout JSONText) {
        let local = texts.number(of: event.local.map { $0.textWithoutPort })
        let remote = texts.number(of: event.remote.map { $0.textWithoutPort })
        let error = texts.number(of: event.error.map { ErrorNames.name(of: $0)?.description ?? String($0) })
        json.array { json in
            json.number(nil, event.time)
            json.number(nil, UInt64(event.alias.rawValue))
            json.number(nil, Int64(event.process))
            json.number(nil, event.bytes)
            json.number(nil, error)
            json.number(nil, event.duration)
            json.number(nil, local)
            json.number(nil, event.local?.port.map { Int64($0) })
            json.number(nil, remote)
            json.number(nil, event.remote?.port.map { Int64($0) })
            json.number(nil, event.serial)
        }
    }

    func write(
        _ items: [PageConnections.Item], _ all: PageConnections, _ clocks: PageClocks, to json: inout JSONText
    ) {
        json.object("connections") { json in
            json.number("count", all.count)
            json.object("ends") { json in
                for end in Self.ends { json.number(end.key, all.ends[end.end] ?? 0) }
            }
            json.array("rows") { json in
                for item in items { write(item, clocks, to: &json) }
            }
        }
    }

    private static let ends: [(end: Connection.End, key: StaticString)] = [
        (.closed, "closed"), (.refused, "refused"), (.timedOut, "timed out"), (.reset, "reset"),
        (.givenUp, "given up"), (.failed, "failed"), (.open, "open"), (.unknown, "unknown"),
    ]

    private func write(_ item: PageConnections.Item, _ clocks: PageClocks, to json: inout JSONText) {
        let connection = item.connection
        func time(_ time: UInt64) -> UInt64 { clocks.pageTime(time, item.source) }
        json.array { json in
            json.number(nil, time(connection.begin))
            json.number(nil, connection.made.map(time))
            json.number(nil, time(connection.time))
            json.number(nil, connection.pid.map { Int64($0) })
            json.text(nil, connection.comm?.description)
            json.number(nil, item.source)
            json.text(nil, connection.direction?.rawValue)
            json.text(nil, connection.details.local.map { $0.textWithPort(inode: connection.details.inode) })
            json.text(nil, connection.details.remote.map { $0.textWithPort(inode: connection.details.remoteInode) })
            json.text(
                nil,
                connection.protocol.map {
                    ProtocolNames.name(of: $0, family: connection.family)?.description ?? String($0)
                })
            json.number(nil, connection.sent.messages)
            json.number(nil, connection.sent.bytes)
            json.number(nil, connection.received.messages)
            json.number(nil, connection.received.bytes)
            json.number(nil, connection.connectLatency ?? connection.backlogWait)
            json.text(nil, connection.end.rawValue)
            json.number(nil, connection.details.serial)
            json.array { json in
                for mark in item.marks {
                    json.array { json in
                        json.number(nil, time(mark.time))
                        json.number(nil, mark.bytes)
                        json.number(nil, mark.isSend ? 1 : 0)
                    }
                }
            }
        }
    }
}
