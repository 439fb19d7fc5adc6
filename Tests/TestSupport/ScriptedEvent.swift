internal import ProbeContract

/// One field of a scripted event, as the kernel lays it out and prints it.
struct ScriptedField {
    var type: String
    var name: String
    var size: Int
    var isSigned = false
    /// Elements of an array of `type`; 0 for a plain field.
    var count = 0
    var offset = 0

    var line: String {
        let array = count > 0 ? "[\(count)]" : ""
        return "\tfield:\(type) \(name)\(array);\toffset:\(offset);\tsize:\(size);\tsigned:\(isSigned ? 1 : 0);\n"
    }
}

/// An event of a script: its format's text, and the payloads that fit it.
package struct ScriptedEvent {
    /// The system or group that it belongs to.
    package let system: String
    /// Its name.
    package let name: String
    /// Its number.
    package let id: UInt16
    let fields: [ScriptedField]
    let length: Int

    /// - Parameter isPacked: as the arguments of probe events are; those of other events are aligned.
    init(system: String, name: String, id: UInt16, isPacked: Bool, fields: [ScriptedField]) {
        self.system = system
        self.name = name
        self.id = id
        var position = 0
        let common = [
            ScriptedField(type: "unsigned short", name: "common_type", size: 2),
            ScriptedField(type: "unsigned char", name: "common_flags", size: 1),
            ScriptedField(type: "unsigned char", name: "common_preempt_count", size: 1),
            ScriptedField(type: "int", name: "common_pid", size: 4, isSigned: true),
        ]
        self.fields = (common + fields).map { field in
            var field = field
            let alignment = isPacked ? 1 : field.size / max(1, field.count)
            field.offset = (position + alignment - 1) / alignment * alignment
            position = field.offset + field.size
            return field
        }
        length = (position + 3) & ~3
    }

    /// The text of `events/SYSTEM/EVENT/format`.
    package var format: String {
        let lines = fields.map(\.line)
        return "name: \(name)\nID: \(id)\nformat:\n" + lines.prefix(4).joined() + "\n" + lines.dropFirst(4).joined()
            + "\nprint fmt: \"(%lx)\", REC->__probe_ip\n"
    }
}

extension ScriptedEvent {
    /// An event of a probed function with the arguments that a plan gives its role.
    /// - Parameters:
    ///   - lacking: fields that this kernel could not give.
    ///   - packs: whether state, type and flags share a field.
    static func probe(
        _ event: FrameEventName, group: String, id: UInt16, lacking: Set<String>, packs: Bool
    ) -> ScriptedEvent {
        var fields = [ScriptedField(type: "unsigned long", name: "__probe_ip", size: 8)]
        if event.side == .return {
            fields = [
                ScriptedField(type: "unsigned long", name: "__probe_func", size: 8),
                ScriptedField(type: "unsigned long", name: "__probe_ret_ip", size: 8),
            ]
        }
        var arguments = arguments(of: event)
        if packs, let first = arguments.firstIndex(where: { $0.name == "state" }) {
            arguments.replaceSubrange(
                first..<first + 3,
                with: [ScriptedField(type: "u64", name: "pack_state0w4_type4w2_flags8w8", size: 16, count: 2)])
        }
        fields += arguments.filter { !lacking.contains($0.name) }
        return ScriptedEvent(system: group, name: event.text, id: id, isPacked: true, fields: fields)
    }

    private static func arguments(of event: FrameEventName) -> [ScriptedField] {
        let size = ScriptedField(type: "u64", name: "size", size: 8)
        guard event.side != .return else {
            switch event.role {
            case .close, .writev, .readv, .spliceToSocket: return []
            case .writeIter, .readIter, .sendpage, .spliceRead:
                return [ScriptedField(type: "s64", name: "ret", size: 8, isSigned: true)]
            default: return [ScriptedField(type: "s32", name: "ret", size: 4, isSigned: true)]
            }
        }
        switch event.role {
        case .writev, .readv, .spliceToSocket: return []
        case .sysSendto, .sysRecvfrom: return [size]
        case .create:
            return ["family", "type", "protocol", "requester"].map {
                ScriptedField(type: "s32", name: $0, size: 4, isSigned: true)
            }
        default: break
        }
        return [
            ScriptedField(type: "u64", name: "socket", size: 8), ScriptedField(type: "u32", name: "state", size: 4),
            ScriptedField(type: "u16", name: "type", size: 2),
            ScriptedField(type: "u64", name: "flags_N2C3S4Z5", size: 8),
            ScriptedField(type: "u32", name: "family", size: 4),
        ] + (event.role == .close ? [ScriptedField(type: "u64", name: "sk", size: 8)] : []) + [
            ScriptedField(type: "u16", name: "protocol", size: 2)
        ] + (event.role == .close ? [] : [size])
    }

    /// `syscalls:sys_enter_NAME` or `syscalls:sys_exit_NAME`, as far as they count: with one of their fields.
    static func systemCall(_ name: String, _ field: String, id: UInt16) -> ScriptedEvent {
        ScriptedEvent(
            system: "syscalls", name: name, id: id, isPacked: false,
            fields: [
                ScriptedField(type: "int", name: "__syscall_nr", size: 4, isSigned: true),
                ScriptedField(type: "unsigned int", name: field, size: 8),
            ])
    }

    /// `task:task_newtask`.
    static func newTask(id: UInt16) -> ScriptedEvent {
        ScriptedEvent(
            system: "task", name: "task_newtask", id: id, isPacked: false,
            fields: [
                ScriptedField(type: "pid_t", name: "pid", size: 4, isSigned: true),
                ScriptedField(type: "char", name: "comm", size: 16, count: 16),
                ScriptedField(type: "unsigned long", name: "clone_flags", size: 8),
                ScriptedField(type: "short", name: "oom_score_adj", size: 2, isSigned: true),
            ])
    }

    /// `sched:sched_process_exit`.
    static func endTask(id: UInt16) -> ScriptedEvent {
        ScriptedEvent(
            system: "sched", name: "sched_process_exit", id: id, isPacked: false,
            fields: [
                ScriptedField(type: "char", name: "comm", size: 16, count: 16),
                ScriptedField(type: "pid_t", name: "pid", size: 4, isSigned: true),
                ScriptedField(type: "int", name: "prio", size: 4, isSigned: true),
            ])
    }

    /// `task:task_rename`.
    static func renameTask(id: UInt16) -> ScriptedEvent {
        ScriptedEvent(
            system: "task", name: "task_rename", id: id, isPacked: false,
            fields: [
                ScriptedField(type: "pid_t", name: "pid", size: 4, isSigned: true),
                ScriptedField(type: "char", name: "oldcomm", size: 16, count: 16),
                ScriptedField(type: "char", name: "newcomm", size: 16, count: 16),
                ScriptedField(type: "short", name: "oom_score_adj", size: 2, isSigned: true),
            ])
    }
}
