internal import BasicContainers
internal import EventFormats
internal import LinuxSystem
internal import ProbePlanning
internal import RingBuffer
internal import SocketEvents
internal import TraceFS

/// What a trace stands on: an instance of this process's own, with the readers of its buffers, and an undo for every
/// change.
///
/// Calibration, self-test and trace share one, as making one and taking it away costs the kernel grace periods: on a
/// busy machine tenths of a second. Instance and group have one ``TracerName``, so that whatever moment the tracer is
/// killed at, `clean` finds all.
struct TracerInstance: ~Copyable {
    let directory: TracingDirectory
    /// The event group of its probes.
    let group: String
    let cpus: [UInt32]
    let layout: SubBufferLayout
    /// The texts that a trace.dat repeats.
    let headerPage: [UInt8]
    let headerEvent: [UInt8]
    /// Births and names of tasks.
    let taskEvents: [EventName]

    /// What the kernel calls this process and others.
    private(set) var numbers = TaskNumbers()

    private let cancellation: SetupCancellation
    private var instance: Instance
    /// KiB a CPU, as they were asked for.
    private(set) var bufferKilobytes: Int
    /// The probes of the group.
    private var probes = UndoLog()
    /// How they are defined by address; nil where the kernel looks names up quickly.
    private let addressed: AddressedDefinitions?
    /// Nil for a CPU that is offline.
    private var readers: UniqueArray<RawReader?>
    /// Which of them have records.
    private var polled: PollSet
    /// Keeps others from reading the buffers as text, which takes the records away: `trace_pipe` has one reader at a time
    /// (open_pipe_on_cpu, kernel/trace/trace.c; 6.6, and 5.10 and 6.1 since 2023). Never read.
    private var textReader: Descriptor?
    private var isRemoved = false

    /// The clock: comparable across CPUs, the one that trace-cmd prints as seconds, and clock_gettime(2)'s
    /// CLOCK_MONOTONIC.
    static let clock = "mono"

    /// Makes the instance, with its switch off.
    static func make(
        on survey: KernelSurvey, bufferKilobytes: Int
    ) throws(TracingError) -> TracerInstance {
        var made = try TracerInstance(survey, bufferKilobytes: bufferKilobytes)
        made.numbers = try TaskNumbers(learnedIn: &made)
        return made
    }

    private init(_ survey: KernelSurvey, bufferKilobytes: Int) throws(TracingError) {
        let directory = survey.directory
        let group = TracerName.unused(process: CurrentProcess.id)
        let instance = try Self.instance(named: group, in: directory)
        let facts = try Self.prepare(instance.buffer, bufferKilobytes: bufferKilobytes)
        let layout = try Self.layout(facts.headerPage)
        let readers = try Self.readers(of: instance.buffer, cpus: facts.cpus, subBufferSize: layout.size)
        let textReader = try? Descriptor(
            opening: "\(instance.buffer.path)/trace_pipe", [.readOnly, .nonBlocking])
        try DescriptorReserve.check()
        self.directory = directory
        cancellation = survey.cancellation
        // This type came in the version in which looking up names became quick.
        addressed =
            survey.capabilities.has(.symbolString)
            ? nil : AddressedDefinitions(survey.symbols, machine: survey.facts.machine)
        self.group = group
        cpus = facts.cpus
        self.layout = layout
        headerPage = facts.headerPage
        headerEvent = facts.headerEvent
        taskEvents = facts.taskEvents
        self.instance = instance
        self.bufferKilobytes = bufferKilobytes
        polled = PollSet(Self.descriptors(of: readers))
        polled.assumeAll()
        self.readers = readers
        self.textReader = textReader
    }

    /// Learns what the kernel calls the threads that processes have now, by the numbers that /proc tells.
    mutating func lookUp(_ processes: some Sequence<Int32>) throws(TracingError) {
        var numbers = numbers
        for process in processes { try numbers.translate(process, in: &self) }
        self.numbers = numbers
    }

    private static func instance(
        named name: String, in directory: TracingDirectory
    ) throws(TracingError) -> Instance {
        do {
            try directory.checkWritable()
            return try directory.createInstance(named: name)
        } catch {
            throw .traceFS(error)
        }
    }

    private struct Facts {
        var taskEvents: [EventName]
        var headerPage: [UInt8]
        var headerEvent: [UInt8]
        var cpus: [UInt32]
    }

    private static func prepare(_ buffer: BufferDirectory, bufferKilobytes: Int) throws(TracingError) -> Facts {
        do {
            try buffer.setClock(clock)
            // They stay on until the end: the first event to be enabled makes the kernel hook into its scheduler to keep
            // the names of tasks, and the last one unhook, which costs more than all our probes.
            let taskEvents = EventPlanTable.taskEvents.map { EventName(group: $0.system, event: $0.name) }
                .filter { buffer.has(event: $0) }
            for event in taskEvents { try buffer.enable(event) }
            try buffer.setBufferSize(kibibytesPerCPU: bufferKilobytes)
            return Facts(
                taskEvents: taskEvents, headerPage: try buffer.bytes("events/header_page"),
                headerEvent: try buffer.bytes("events/header_event"), cpus: try buffer.cpus().map { UInt32($0) })
        } catch {
            throw .traceFS(error)
        }
    }

    private static func layout(_ text: [UInt8]) throws(TracingError) -> SubBufferLayout {
        do {
            return try formatParser.parseHeaderPage(text, byteOrder: .host)
        } catch {
            throw .format(event: "header_page", error)
        }
    }

    private static func readers(
        of buffer: BufferDirectory, cpus: [UInt32], subBufferSize: Int
    ) throws(TracingError) -> UniqueArray<RawReader?> {
        var readers = UniqueArray<RawReader?>()
        do {
            for cpu in cpus { readers.append(try RawReader(buffer, cpu: Int(cpu), subBufferSize: subBufferSize)) }
        } catch {
            throw .traceFS(error)
        }
        return readers
    }

    /// Reads this kernel's formats.
    static var formatParser: FormatParser { FormatParser(byteOrder: .host, longSize: MemoryLayout<UInt>.size) }

    /// Gives the buffers another size, and empties them.
    mutating func setBufferSize(kilobytes: Int) throws(TracingError) {
        guard kilobytes != bufferKilobytes else { return }
        do {
            try buffer.setBufferSize(kibibytesPerCPU: kilobytes)
            bufferKilobytes = kilobytes
        } catch {
            throw .traceFS(error)
        }
    }

    /// Its files.
    var buffer: BufferDirectory { instance.buffer }

    // MARK: Probes

    func name(of event: String) -> EventName { EventName(group: group, event: event) }

    /// Installs a probe, with its switch off.
    /// - Parameter definition: of an event in the group.
    mutating func add(_ definition: String) throws(TraceFSError) -> EventDescription {
        try cancellation.check()
        if let text = addressed?.text(definition),
            let added = try? directory.dynamicEvents.add(text, inGroupOf: &probes)
        {
            return try buffer.describe(added.name)
        }
        return try buffer.describe(try directory.dynamicEvents.add(definition, inGroupOf: &probes).name)
    }

    /// Arms an event; nothing where it is on already.
    mutating func enable(_ event: EventName) throws(TraceFSError) {
        try cancellation.check()
        try instance.enable(event)
    }

    /// Disarms an event that was armed.
    mutating func disable(_ event: EventName) throws(TraceFSError) { try instance.disable(event) }

    // MARK: Reading

    var readerCount: Int { readers.count }

    /// The descriptor to splice a CPU's sub-buffers from; nil for a CPU that is offline.
    func descriptor(of reader: Int) -> Int32? { Self.descriptor(of: readers[reader]) }

    private static func descriptor(of reader: borrowing RawReader?) -> Int32? {
        switch reader {
        case .none: nil
        case .some(let reader): reader.rawDescriptor
        }
    }

    /// The descriptors of all readers; -1 for a CPU that has none yet.
    var descriptors: [Int32] { Self.descriptors(of: readers) }

    private static func descriptors(of readers: borrowing UniqueArray<RawReader?>) -> [Int32] {
        readers.indices.map { descriptor(of: readers[$0]) ?? -1 }
    }

    /// Opens the readers of CPUs that have come since.
    mutating func openMissingReaders() {
        var isChanged = false
        for index in readers.indices where descriptor(of: index) == nil {
            guard let reader = try? RawReader(buffer, cpu: Int(cpus[index]), subBufferSize: layout.size) else {
                continue
            }
            readers[index] = consume reader
            isChanged = true
        }
        if isChanged { polled = PollSet(descriptors) }
    }

    /// Looks which CPUs have records.
    mutating func lookForRecords() { polled.look() }

    /// Takes all CPUs to have records.
    mutating func assumeRecords() { polled.assumeAll() }

    /// Whether a CPU had records when that was last looked at; true where it never was.
    func hasRecords(_ reader: Int) -> Bool { polled.isReadable(reader) }

    /// Reads as many sub-buffers of a CPU as there are and there is room for.
    /// - Returns: bytes.
    func read(_ reader: Int, into room: UnsafeMutableRawBufferPointer) throws(TracingError) -> Int {
        do {
            return try Self.read(readers[reader], into: room)
        } catch {
            throw .traceFS(error)
        }
    }

    private static func read(
        _ reader: borrowing RawReader?, into room: UnsafeMutableRawBufferPointer
    ) throws(TraceFSError) -> Int {
        switch reader {
        case .none: 0
        case .some(let reader): try reader.readBatch(into: room).bytes
        }
    }

    // MARK: The end

    private static func close(_ descriptor: consuming Descriptor?) {}

    /// Switches every event off; what is in the buffers can still be read.
    mutating func stop() -> [TraceFSError] { instance.stop() }

    /// Takes everything out of the kernel again, in the order in which it lets go: readers, probes, instance.
    /// - Returns: what could not be removed, and why.
    mutating func remove() -> [String] {
        isRemoved = true
        readers.removeAll()
        Self.close(textReader.take())
        // A second time, where it failed: there are descriptors now.
        if !instance.enabled.isEmpty { _ = instance.stop() }
        guard instance.enabled.isEmpty else {
            probes.abandon()
            return ["left behind: the instance \(group) and its probes; when the cause is fixed: sockftrace clean"]
        }
        var failures = probes.undoAll().map(\.description)
        do { try instance.remove() } catch { failures.append("left behind: \(error)") }
        return failures
    }

    /// The net for an error on the way: whoever ends a trace calls `stop` and `remove` and hears what failed.
    deinit {
        guard !isRemoved else { return }
        var instance = instance
        var readers = readers
        readers.removeAll()
        Self.close(textReader)
        _ = instance.stop()
        var probes = probes
        if instance.enabled.isEmpty { _ = probes.undoAll() } else { probes.abandon() }
        // The instance's own end removes it.
    }
}
