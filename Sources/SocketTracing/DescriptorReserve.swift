internal import BasicContainers
internal import LinuxSystem
internal import SystemPackage

/// Makes sure that file descriptors do not run out half-way: a call of the self-test or a calibration that fails for
/// want of one would look like a function that shows nothing.
enum DescriptorReserve {
    /// As many as calibration and self-test have open at a time beside the readers, with room for the command's output.
    static let count = 64

    /// Fails where fewer can be opened.
    static func check() throws(TracingError) {
        var taken = UniqueArray<Descriptor>()
        do {
            taken.append(try Descriptor(opening: "/dev/null", .readOnly))
            while taken.count < count { taken.append(try Descriptor(duplicating: taken[0].raw)) }
        } catch {
            throw .fewDescriptors(wanted: count, available: taken.count)
        }
    }
}
