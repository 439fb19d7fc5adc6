internal import EventOutput

/// A column of a table.
struct TableColumn<Line>: Sendable {
    let title: StaticString
    let isRight: Bool
    /// Which is left out first where the terminal is narrow: the one with the largest rank. Those of rank 0, which say what
    /// a line is about, are never left out.
    let rank: Int
    /// It is at least so wide, so that it does not move about in a table that is shown again and again.
    let least: Int
    /// Appends the cell and returns how many columns of a terminal it takes, where that is not its bytes.
    let cell: @Sendable (Line, inout OutputBuffer) -> Int?

    init(
        _ title: StaticString, isRight: Bool = true, rank: Int = 0, least: Int = 0,
        _ cell: @escaping @Sendable (Line, inout OutputBuffer) -> Int?
    ) {
        (self.title, self.isRight, self.rank, self.cell) = (title, isRight, rank, cell)
        self.least = max(least, title.utf8CodeUnitCount)
    }

    /// The same column of lines that have such lines.
    func of<Other>(
        _ line: @escaping @Sendable (Other) -> Line, rank: Int = 0, least: Int = 0
    ) -> TableColumn<Other> {
        let cell = cell
        return TableColumn<Other>(title, isRight: isRight, rank: rank, least: least) { cell(line($0), &$1) }
    }
}

/// Lines in aligned columns, each as wide as its widest cell; those that the terminal has room for.
struct TextTable<Line> {
    let columns: [TableColumn<Line>]
    /// Columns of the terminal; nil where that does not matter.
    let limit: Int?

    /// What one key may take where there is a limit, unless all else has room beside it.
    private static var widestKey: Int { 23 }
    /// Below that the last column says nothing.
    private static var narrowest: Int { 12 }

    /// Which columns are shown, and how wide they are.
    struct Arrangement {
        fileprivate var shown: [Int] = []
        fileprivate var widths: [Int] = []
    }

    /// How the columns stand that hold these lines.
    /// - Parameter total: stands below them; nil for none.
    func arrangement(_ lines: [Line], total: Line? = nil) -> Arrangement {
        let wanted = columns.map { column in
            let isKey = column.rank == 0
            let shown = isKey ? lines : lines + (total.map { [$0] } ?? [])
            let least = max(column.least, isKey && total != nil ? 5 : 0)
            var cell = OutputBuffer(capacity: 64)
            return shown.reduce(least) { widest, line in
                cell.clear()
                return max(widest, column.cell(line, &cell) ?? cell.count)
            }
        }
        guard let limit else { return Arrangement(shown: Array(columns.indices), widths: wanted) }
        var widths = zip(columns, wanted).map { $0.rank == 0 ? min($1, Self.widestKey) : $1 }
        var (chosen, left) = (Set<Int>(), limit + 1)
        for index in columns.indices.sorted(by: { (columns[$0].rank, $0) < (columns[$1].rank, $1) }) {
            // Words at the end of the line can be cut.
            if index == columns.count - 1, !columns[index].isRight, left > Self.narrowest {
                widths[index] = min(widths[index], left - 1)
            }
            guard columns[index].rank == 0 || widths[index] < left else { continue }
            chosen.insert(index)
            left -= widths[index] + 1
        }
        for index in columns.indices where columns[index].rank == 0 && left > 0 && chosen.count == columns.count {
            let more = min(wanted[index] - widths[index], left)
            (widths[index], left) = (widths[index] + more, left - more)
        }
        return Arrangement(shown: columns.indices.filter(chosen.contains), widths: widths)
    }

    /// Appends titles, lines and their sum.
    func render(_ lines: [Line], total: Line? = nil, into out: inout OutputBuffer) {
        let arrangement = arrangement(lines, total: total)
        renderTitles(arrangement, into: &out)
        for line in lines { render(line, arrangement, into: &out) }
        guard let total else { return }
        renderRow(arrangement, into: &out) { index, cell in
            guard columns[index].rank == 0 else { return columns[index].cell(total, &cell) }
            if index == 0 { cell.append("total") }
            return nil
        }
    }

    /// Appends the titles.
    func renderTitles(_ arrangement: Arrangement, into out: inout OutputBuffer) {
        renderRow(arrangement, into: &out) { index, cell in
            cell.append(columns[index].title)
            return nil
        }
    }

    /// Appends one line.
    func render(_ line: Line, _ arrangement: Arrangement, into out: inout OutputBuffer) {
        renderRow(arrangement, into: &out) { columns[$0].cell(line, &$1) }
    }

    private func renderRow(
        _ arrangement: Arrangement, into out: inout OutputBuffer, _ fill: (Int, inout OutputBuffer) -> Int?
    ) {
        var cell = OutputBuffer(capacity: 64)
        // What to leave empty before the next cell: no line ends with spaces.
        var gap = 0
        for (place, index) in arrangement.shown.enumerated() {
            cell.clear()
            let room = arrangement.widths[index]
            var width = fill(index, &cell) ?? cell.count
            if limit != nil, width > room { width = cell.cut(from: 0, toColumns: room) }
            if place > 0 { gap += 1 }
            guard width > 0 else {
                gap += room
                continue
            }
            out.append(spaces: gap + (columns[index].isRight ? room - width : 0))
            out.append(contentsOf: cell)
            gap = columns[index].isRight ? 0 : room - width
        }
        out.append(UInt8(ascii: "\n"))
    }
}
