internal import LinuxSystem
package import SystemPackage
internal import TraceDat

extension Replay {
    /// Opens a file that may still be recorded, and reads on until it is not, also in the files in which the recording goes
    /// on. Of a name without a number it is the latest file of that name.
    /// - Parameter goesOn: waits a while for more to come, and says whether to go on.
    /// - Returns: nil where that was not to go on before the recording had begun.
    package static func following(
        _ path: FilePath, options: ReplayOptions, while goesOn: @escaping () -> Bool
    ) throws(TracingError) -> Replay? {
        let path = Files.exists(path.string) ? path : PartNames(path: path).latest ?? path
        let opened: FollowedFile.Opened?
        do {
            opened = try FollowedFile.open(path, while: goesOn)
        } catch {
            throw .traceDat(error)
        }
        switch consume opened {
        case .none: return nil
        case .some(.still(let file)):
            return try Replay(file, stillAt: path, options, while: goesOn)
        case .some(.growing(let head, let growing)):
            return try Replay(head, FollowedPart(growing, while: goesOn), of: path, options, while: goesOn)
        }
    }

    /// A file that nobody writes any more: if the recording went on in another, that is read, too.
    private init(
        _ file: consuming TraceFile, stillAt path: FilePath, _ options: ReplayOptions,
        while goesOn: @escaping () -> Bool
    ) throws(TracingError) {
        guard file.notes?.end != nil, let cpuCount = file.cpuCount, PartNames.successor(of: path) != nil,
            cpuCount * file.header.pageSize <= FollowedFile.roundLimit
        else {
            try self.init(file, nil, name: path.string, options)
            return
        }
        let part: FollowedPart
        do {
            part = FollowedPart(try TraceFile(path: path), cpuCount: cpuCount)
        } catch {
            throw .traceDat(error)
        }
        try self.init(file, part, of: path, options, while: goesOn)
    }

    /// - Parameter head: of the same file.
    private init(
        _ head: consuming TraceFile, _ part: consuming FollowedPart, of path: FilePath, _ options: ReplayOptions,
        while goesOn: @escaping () -> Bool
    ) throws(TracingError) {
        let cpuCount = part.cpuCount
        let source = FollowSource(part, of: path, head.formats, while: goesOn)
        try self.init(head, ReplaySource(source), cpuCount: cpuCount, name: path.string, options)
    }
}
