internal import BasicContainers
package import SocketEvents
package import SocketNames

/// Events as aligned columns for people: those of its layout, in its order.
///
/// `-` stands for what is not known, and in columns that an alias does not have. A value longer than its column pushes
/// those behind it, which fall back into line as soon as there is room; there is always a space between two. Where a line
/// would be longer than the terminal is wide, what is longer than its column is cut, which a plus sign shows.
///
/// | column | shows |
/// |---|---|
/// | TIME | seconds of the trace clock, or what `TimeColumn` says in their place |
/// | EVENT | a word for the alias |
/// | PROCESS | the thread's name and the process, as in `nginx/812`; control characters and what is not UTF-8 as `\xNN` |
/// | PID, COMM, TID, CPU | the parts of it, the thread, the CPU that wrote the record |
/// | BYTES | bytes; for a failed operation its error, or `failed` if not known; `ok` for a socket created |
/// | LATENCY | from entry to return, in three digits: ns, us, ms or s |
/// | PROTO, FAMILY, TYPE, STATE | names |
/// | VIA | the route of a message; who asked for a new socket: `user` or `kernel` |
/// | FLAGS | meanings joined by a bar, `0` where no bit is set |
/// | SOCKET | address of the kernel's `struct socket` |
/// | LOCAL, PEER | both ends, as in `127.0.0.1:80`, `[::1]:80`, a path, `@name`; `socket:[N]` for one without a name |
package struct TextRenderer: Sendable {
    /// What the bits of `socket.flags` mean on the traced kernel.
    package var flagNames: SocketFlagNames {
        didSet { maker = RenderCache.newMaker() }
    }
    private(set) var maker = RenderCache.newMaker()
    /// Which columns there are.
    package let layout: TextLayout
    /// Whether failed operations are red and losses yellow.
    package var colour: Bool
    /// What the column TIME shows.
    package let time: TimeColumn

    /// A renderer for a trace of a kernel with these flags.
    package init(
        flagNames: SocketFlagNames = .unknown, layout: TextLayout = TextLayout(), colour: Bool = false,
        time: TimeColumn = .clock
    ) {
        self.time = time
        self.flagNames = flagNames
        self.layout = layout
        self.colour = colour
    }

    /// Appends the line of column titles.
    package func header(into out: inout OutputBuffer) {
        var position = 0
        for cell in layout.cells {
            let title = cell.column.traits.title
            let width = title.utf8CodeUnitCount
            let start = cell.isRight ? cell.end - width : cell.start
            out.append(spaces: start - position)
            out.append(title)
            position = max(start, position) + width
        }
        out.append(UInt8(ascii: "\n"))
    }

    /// Appends one event of a batch.
    package func render(_ batch: borrowing TraceBatch, _ index: Int, into out: inout OutputBuffer) {
        render(batch[index], batch, into: &out)
    }

    @inline(__always)
    private func render(
        _ event: borrowing SocketEvent, _ batch: borrowing TraceBatch, into out: inout OutputBuffer
    ) {
        let arguments = event.alias.arguments
        let kind = RenderKey(event, arguments)
        if layout.places.isUsual, renderInPlace(event, arguments, kind, into: &out) {
            return renderEnds(of: event, batch, into: &out)
        }
        let hasFailed = event.success == false
        let isRed = colour && hasFailed && arguments.contains(.success)
        if isRed { out.append("\u{1b}[31m") }
        let start = out.count
        var parts = Parts()
        let width = renderCells(of: event, batch, into: &out, &parts)
        if let limit = layout.limit, width > limit {
            out.removeAll(from: start)
            renderCutCells(of: event, batch, into: &out)
        } else if layout.places.isUsual {
            if let part = parts.kind { out.note(kind, maker: maker, at: part) }
            if let part = parts.state { out.note(kind, maker: maker &+ 1, at: part) }
        }
        if isRed { out.append("\u{1b}[0m") }
        out.append(UInt8(ascii: "\n"))
    }

    /// Where in the buffer the parts of a line are that can be copied to later ones; nil where they are not as usual.
    private struct Parts {
        var kind: Range<Int>?
        var state: Range<Int>?
    }

    /// Appends the values.
    /// - Returns: how many columns of a terminal they take.
    private func renderCells(
        of event: borrowing SocketEvent, _ batch: borrowing TraceBatch, into out: inout OutputBuffer,
        _ parts: inout Parts
    ) -> Int {
        let places = layout.places
        var position = 0
        var begin: Int?
        for cell in layout.cells {
            if cell.column == places.kind.columns.first || cell.column == places.state.columns.first {
                let isInPlace = position < cell.start
                if isInPlace {
                    out.append(spaces: cell.start - 1 - position)
                    position = cell.start - 1
                }
                begin = isInPlace ? out.count : nil
            }
            position = render(cell, of: event, batch, at: position, into: &out)
            guard let start = begin, position <= cell.end else { continue }
            if cell.column == places.kind.columns.last { parts.kind = start..<out.count }
            if cell.column == places.state.columns.last { parts.state = start..<out.count }
        }
        return position
    }

    /// Appends one value, with the spaces before it.
    /// - Returns: where it ends.
    private func render(
        _ cell: TextLayout.Cell, of event: borrowing SocketEvent, _ batch: borrowing TraceBatch, at position: Int,
        into out: inout OutputBuffer
    ) -> Int {
        let least = position > 0 ? 1 : 0
        guard cell.isRight else {
            let gap = max(cell.start - position, least)
            out.append(spaces: gap)
            return position + gap + append(cell.column, of: event, batch, to: &out)
        }
        let start = out.count
        let width = append(cell.column, of: event, batch, to: &out)
        let gap = max(cell.end - width - position, least)
        out.insert(spaces: gap, at: start)
        return position + gap + width
    }

    /// Appends both ends to a line that was written in place up to them, and ends it.
    @inline(__always)
    private func renderEnds(
        of event: borrowing SocketEvent, _ batch: borrowing TraceBatch, into out: inout OutputBuffer
    ) {
        var position = layout.places.end
        for index in layout.places.ends.indices {
            let cell = layout.places.ends[index]
            let gap = max(cell.start - position, position > 0 ? 1 : 0)
            out.append(spaces: gap)
            let start = out.count
            var width = append(end: cell.column, of: event, batch, to: &out)
            if let limit = layout.limit, position + gap + width > limit {
                width = out.cut(from: start, toColumns: cell.width)
            }
            position += gap + width
        }
        out.append(UInt8(ascii: "\n"))
    }

    /// Appends the values, none longer than its column.
    private func renderCutCells(
        of event: borrowing SocketEvent, _ batch: borrowing TraceBatch, into out: inout OutputBuffer
    ) {
        var position = 0
        for cell in layout.cells {
            if !cell.isRight { out.append(spaces: cell.start - position) }
            let before = out.count
            var width = append(cell.column, of: event, batch, to: &out)
            if width > cell.width { width = out.cut(from: before, toColumns: cell.width) }
            let gap = cell.isRight ? cell.end - width - position : 0
            out.insert(spaces: gap, at: before)
            position = cell.isRight ? cell.end : cell.start + width
        }
    }

    /// Appends a line for records that the kernel dropped.
    package func renderLost(cpu: UInt32, count: UInt64?, into out: inout OutputBuffer) {
        if colour { out.append("\u{1b}[33m") }
        if let count {
            out.append("*** lost ")
            out.append(decimal: count)
            out.append(count == 1 ? " record on CPU " : " records on CPU ")
            out.append(decimal: UInt64(cpu))
        } else {
            out.append("*** lost records on CPU ")
            out.append(decimal: UInt64(cpu))
            out.append("; the kernel does not say how many")
        }
        out.append(" ***")
        if colour { out.append("\u{1b}[0m") }
        out.append(UInt8(ascii: "\n"))
    }
}
