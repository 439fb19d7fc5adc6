package import SocketEvents

/// A column of text: what there is to choose from, in the order in which columns stand unless a user orders them.
///
/// To add one: a case and its traits here, what it shows in `TextRenderer+Cells.swift`.
package enum TextColumn: String, CaseIterable, Sendable {
    case time
    case event
    case cpu
    case pid
    case tid
    case process
    case comm
    case bytes
    case latency
    case `protocol`
    case family
    case type
    case via
    case state
    case flags
    case socket
    // Last, since their values are of any length.
    case local
    case peer

    /// Who gets to see a column that did not ask for it.
    package enum Presence: Sendable, Equatable {
        /// Everybody with a terminal that is wide enough; of two, the one with the smaller rank is shown first.
        case ranked(Int)
        /// Those who want all there is.
        case wide
        /// Nobody.
        case named
    }

    /// What is known of a column.
    package struct Traits: Sendable {
        /// What stands above it.
        let title: StaticString
        /// Columns of a terminal that it takes, the space between two excluded. Longer values push what follows.
        let width: Int
        /// Columns that it takes where there is room for more.
        let roomyWidth: Int
        /// Values end at its right edge.
        let isRight: Bool
        /// Who sees it.
        package let presence: Presence
        /// The field of events that it shows.
        package let field: EventField

        init(
            _ title: StaticString, _ width: Int, upTo roomyWidth: Int? = nil, isRight: Bool = false,
            _ presence: Presence,
            _ field: EventField
        ) {
            (self.title, self.width, self.isRight) = (title, width, isRight)
            self.roomyWidth = roomyWidth ?? width
            (self.presence, self.field) = (presence, field)
        }
    }

    /// What is known of it. The widths of `time` and `event` depend on what they show: `TextLayout` knows.
    package var traits: Traits {
        switch self {
        case .time: Traits("TIME", 13, upTo: 16, isRight: true, .ranked(4), .time)
        case .event: Traits("EVENT", 7, .ranked(0), .name)
        case .process: Traits("PROCESS", 16, upTo: 23, .ranked(1), .comm)
        case .pid: Traits("PID", 7, isRight: true, .named, .pid)
        case .comm: Traits("COMM", 15, .named, .comm)
        case .tid: Traits("TID", 7, isRight: true, .ranked(10), .tid)
        case .cpu: Traits("CPU", 4, isRight: true, .named, .cpu)
        case .bytes: Traits("BYTES", 9, isRight: true, .ranked(2), .size)
        case .latency: Traits("LATENCY", 7, isRight: true, .ranked(5), .duration)
        case .protocol: Traits("PROTO", 6, .ranked(6), .protocol)
        case .family: Traits("FAMILY", 7, .ranked(8), .family)
        case .type: Traits("TYPE", 6, .ranked(7), .type)
        case .via: Traits("VIA", 8, .ranked(9), .via)
        case .state: Traits("STATE", 11, .wide, .state)
        case .flags: Traits("FLAGS", 14, .wide, .flags)
        case .socket: Traits("SOCKET", 18, .wide, .socket)
        case .local: Traits("LOCAL", 21, .ranked(11), .localAddress)
        case .peer: Traits("PEER", 21, upTo: 47, .ranked(3), .remoteAddress)
        }
    }

    /// A column by its name, its title, or the key that JSON has for what it shows; in any case.
    package static func named(_ text: String) -> TextColumn? {
        let wanted = text.lowercased()
        return allCases.first { column in
            let traits = column.traits
            return column.rawValue == wanted || traits.title.description.lowercased() == wanted
        }
            ?? allCases.first { $0.traits.field.schema.key.description == wanted }
    }
}

extension Alias {
    /// What text calls it: one word for what is shown unless somebody asks for more, else its name without `socket.`.
    package var word: StaticString {
        switch self {
        case .send: "send"
        case .receive: "receive"
        case .createReturn: "create"
        case .create: "create.entry"
        case .close: "close"
        case .sendmsg: "sendmsg"
        case .sendmsgReturn: "sendmsg.return"
        case .recvmsg: "recvmsg"
        case .recvmsgReturn: "recvmsg.return"
        case .aioWrite: "aio_write"
        case .aioWriteReturn: "aio_write.return"
        case .aioRead: "aio_read"
        case .aioReadReturn: "aio_read.return"
        case .writev: "writev"
        case .writevReturn: "writev.return"
        case .readv: "readv"
        case .readvReturn: "readv.return"
        case .writeIter: "write_iter"
        case .writeIterReturn: "write_iter.return"
        case .readIter: "read_iter"
        case .readIterReturn: "read_iter.return"
        case .closeReturn: "close.return"
        case .connect: "connect.entry"
        case .connectReturn: "connect.return"
        case .connected: "connect"
        case .accept: "accept.entry"
        case .acceptReturn: "accept"
        case .bind: "bind.entry"
        case .bindReturn: "bind"
        case .listen: "listen.entry"
        case .listenReturn: "listen"
        case .shutdown: "shutdown.entry"
        case .shutdownReturn: "shutdown"
        }
    }
}

extension Route {
    /// What people call it: nobody who writes to a socket thinks of asynchronous input and output.
    package var word: StaticString {
        switch self {
        case .aioWrite: "write"
        case .aioRead: "read"
        default: name
        }
    }
}
