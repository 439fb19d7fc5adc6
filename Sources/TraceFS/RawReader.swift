internal import LinuxSystem
internal import SystemPackage

/// The reading end of one CPU's buffer, `per_cpu/cpuN/trace_pipe_raw`: whole sub-buffers, byte for byte, never waiting.
///
/// What is read is gone from the buffer. Close every reader, by letting go of it, before the instance is removed.
package struct RawReader: ~Copyable, Sendable {
    /// What one read gave.
    package enum Outcome: Sendable, Equatable {
        /// So many bytes: one sub-buffer, its unused rest zeroed.
        case page(bytes: Int)
        /// Nothing there now.
        case empty
        /// The CPU is offline (ENODEV); what it had written can be read when it comes back.
        case gone
    }

    /// What a read of many sub-buffers gave.
    package struct Batch: Sendable, Equatable {
        /// Bytes filled, a multiple of the sub-buffer size.
        package var bytes: Int
        /// Why it stopped: a `page` says that the room was used up and there may be more.
        package var last: Outcome
    }

    /// The CPU.
    package let cpu: Int
    /// The bytes each read of a sub-buffer gives.
    package let subBufferSize: Int
    private let path: String
    private let descriptor: Descriptor

    /// For splice(2), poll(2) and epoll(7); it stays the reader's to close. Poll finds it readable at `buffer_percent` of
    /// the buffer: pair that with a timer, as a quiet CPU may never get there. An offline CPU shows as an error condition.
    package var rawDescriptor: Int32 { descriptor.raw }

    /// Opens the reader of one CPU; nil when the CPU is offline and cannot be opened.
    ///
    /// `subBufferSize` comes from ``BufferDirectory/subBufferSize()`` of the same buffer.
    package init?(_ buffer: BufferDirectory, cpu: Int, subBufferSize: Int) throws(TraceFSError) {
        self.cpu = cpu
        self.subBufferSize = subBufferSize
        path = "\(buffer.path)/per_cpu/cpu\(cpu)/trace_pipe_raw"
        do {
            descriptor = try Descriptor(opening: path, [.readOnly, .nonBlocking])
        } catch {
            if error == .operationNotSupportedByDevice { return nil }
            throw TraceFSError("open the buffer of CPU \(cpu)", path: path, failed: error)
        }
    }

    /// Reads one sub-buffer; the room must hold one.
    package func read(into room: UnsafeMutableRawBufferPointer) throws(TraceFSError) -> Outcome {
        guard room.count >= subBufferSize else {
            throw TraceFSError(
                .rejected, "read the buffer of CPU \(cpu)", path: path,
                kernelMessage: "a sub-buffer has \(subBufferSize) bytes; there is room for \(room.count)")
        }
        let count: Int
        do {
            count = try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<subBufferSize]))
        } catch {
            switch error {
            // No memory for a spare page at the moment (ring_buffer_alloc_read_page); the records stay where they are.
            case .resourceTemporarilyUnavailable, .noMemory: return .empty
            case .operationNotSupportedByDevice: return .gone
            default: throw TraceFSError("read the buffer of CPU \(cpu)", path: path, failed: error)
            }
        }
        switch count {
        // tracing_buffers_read answers 0 when a record is only just being written: ask again later.
        case 0: return .empty
        case subBufferSize: return .page(bytes: subBufferSize)
        default:
            throw TraceFSError(
                .system, "read the buffer of CPU \(cpu)", path: path,
                kernelMessage: "a read gave \(count) bytes where a sub-buffer has \(subBufferSize)")
        }
    }

    /// Reads as many sub-buffers as there are and fit, one after another.
    package func readBatch(into room: UnsafeMutableRawBufferPointer) throws(TraceFSError) -> Batch {
        var batch = Batch(bytes: 0, last: .empty)
        repeat {
            batch.last = try read(into: UnsafeMutableRawBufferPointer(rebasing: room[batch.bytes...]))
            guard case .page(let count) = batch.last else { break }
            batch.bytes += count
        } while room.count - batch.bytes >= subBufferSize
        return batch
    }
}
