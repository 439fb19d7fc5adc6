package import SocketEvents

/// Which columns text has, and where.
package struct TextLayout: Sendable {
    /// The columns, from left to right.
    package let columns: [TextColumn]
    let cells: [Cell]
    /// Columns of the terminal: no line is longer, whatever is in it; nil where that does not matter.
    let limit: Int?
    /// Times have nanoseconds, and a day where they are of the day.
    let isPrecise: Bool
    let places: Places

    /// Where a column is.
    struct Cell: Sendable {
        let column: TextColumn
        let start: Int
        let width: Int
        let isRight: Bool
        var end: Int { start + width }
    }

    /// The columns that a user named, or all there are.
    /// - Parameters:
    ///   - columns: in their order; all, where none is named.
    ///   - aliases: whose events there may be.
    ///   - time: what the first column shows.
    package init(
        _ columns: [TextColumn] = [], aliases: AliasSet = .standard, time: TimeColumn = .clock
    ) {
        let shown = columns.isEmpty ? TextColumn.allCases.filter { $0.traits.presence != .named } : columns
        self.init(shown, nil, Sizes(aliases: aliases, time: time, isPrecise: true))
    }

    /// The columns that a terminal of this width has room for; those of any, where there is none.
    package init(
        fitting width: Int?, aliases: AliasSet = .standard, time: TimeColumn = .clock
    ) {
        let ranked = TextColumn.allCases.compactMap { column -> (column: TextColumn, rank: Int)? in
            guard case .ranked(let rank) = column.traits.presence else { return nil }
            return (column, rank)
        }
        .sorted { $0.rank < $1.rank }.map(\.column)
        guard let width else {
            self.init(
                TextColumn.allCases.filter(ranked.contains), nil, Sizes(aliases: aliases, time: time, isPrecise: true))
            return
        }
        var sizes = Sizes(aliases: aliases, time: time, isPrecise: false)
        var (left, chosen) = (width + 1, Set<TextColumn>())
        for column in ranked where sizes[column] < left {
            chosen.insert(column)
            left -= sizes[column] + 1
        }
        for column in ranked where chosen.contains(column) && column != .time {
            let more = min(max(column.traits.roomyWidth - sizes[column], 0), left)
            sizes[column] += more
            left -= more
        }
        self.init(TextColumn.allCases.filter(chosen.contains), width, sizes)
    }

    private init(_ columns: [TextColumn], _ limit: Int?, _ sizes: Sizes) {
        var (cells, start): ([Cell], Int) = ([], 0)
        for column in columns {
            cells.append(Cell(column: column, start: start, width: sizes[column], isRight: column.traits.isRight))
            start += sizes[column] + 1
        }
        (self.columns, self.cells, self.limit, isPrecise) = (columns, cells, limit, sizes.isPrecise)
        places = Places(cells)
    }

    /// The widths of columns.
    private struct Sizes {
        let isPrecise: Bool
        private var widths: [TextColumn: Int] = [:]

        init(aliases: AliasSet, time: TimeColumn, isPrecise: Bool) {
            self.isPrecise = isPrecise
            for column in TextColumn.allCases {
                widths[column] = isPrecise ? column.traits.roomyWidth : column.traits.width
            }
            widths[.time] = time.width(isPrecise: isPrecise)
            let words = aliases.members.map(\.word.utf8CodeUnitCount)
            widths[.event] = max(words.max() ?? 0, TextColumn.event.traits.title.utf8CodeUnitCount)
        }

        subscript(column: TextColumn) -> Int {
            get { widths[column] ?? column.traits.width }
            set { widths[column] = newValue }
        }
    }
}

extension TextLayout: CustomStringConvertible {
    /// The names of its columns, as `--columns` takes them.
    package var description: String { columns.map(\.rawValue).joined(separator: ",") }
}

extension TextLayout {
    /// Where the values of a line go that is written in place. What is not shown goes to `beyond`, behind the line.
    struct Places: Sendable {
        /// Lines can be written in place: the columns are in their usual order, and those alone that this is for.
        let isUsual: Bool
        let time: Int
        let event: Int
        let process: Int
        let processWidth: Int
        let pidEnd: Int
        let comm: Int
        let tidEnd: Int
        let bytesEnd: Int
        let latencyEnd: Int
        /// Protocol, family and type, with the space before them.
        let kind: Part
        let via: Int
        /// State and flags, with the space before them.
        let state: Part
        let socket: Int
        /// The ends, which are appended behind the rest.
        let ends: [Cell]
        /// Where the line ends with its last column, and how far behind it may be written.
        let last: TextColumn
        let end: Int
        let room: Int

        /// Neighbouring columns whose text is kept and copied.
        struct Part: Sendable {
            let columns: [TextColumn]
            let start: Int
            let width: Int

            init(_ cells: [Cell], among columns: Set<TextColumn>, else beyond: Int) {
                let own = cells.filter { columns.contains($0.column) }
                self.columns = own.map(\.column)
                start = own.first.map { max($0.start - 1, 0) } ?? beyond
                width = (own.last?.end ?? start) - start
            }
        }

        static let kindColumns: Set<TextColumn> = [.protocol, .family, .type]
        static let stateColumns: Set<TextColumn> = [.state, .flags]
        /// Those that the rest may end with.
        private static let lasts: Set<TextColumn> = [
            .bytes, .latency, .protocol, .family, .type, .via, .state, .flags, .socket,
        ]

        init(_ all: [Cell]) {
            let cells = all.filter { $0.column != .local && $0.column != .peer }
            ends = all.filter { $0.column == .local || $0.column == .peer }
            let end = cells.last?.end ?? 0
            let beyond = end + 8
            func start(_ column: TextColumn) -> Int { cells.first { $0.column == column }?.start ?? beyond }
            func right(_ column: TextColumn) -> Int { cells.first { $0.column == column }?.end ?? beyond + 8 }
            (time, event, process, comm) = (start(.time), start(.event), start(.process), start(.comm))
            processWidth = cells.first { $0.column == .process }?.width ?? .max
            (pidEnd, tidEnd, bytesEnd, latencyEnd) = (right(.pid), right(.tid), right(.bytes), right(.latency))
            kind = Part(cells, among: Self.kindColumns, else: beyond)
            state = Part(cells, among: Self.stateColumns, else: beyond)
            (via, socket) = (start(.via), start(.socket))
            last = cells.last?.column ?? .time
            self.end = end
            room = beyond + 40
            let columns = cells.map(\.column)
            isUsual =
                all.map(\.column) == columns + ends.map(\.column)
                && columns == TextColumn.allCases.filter(columns.contains) && !columns.contains(.cpu)
                && Self.lasts.contains(last) && min(pidEnd, tidEnd, bytesEnd, latencyEnd) >= 8
                && !(Self.kindColumns.union(Self.stateColumns).contains(columns.first ?? .time))
        }
    }
}
