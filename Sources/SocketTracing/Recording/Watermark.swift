/// Whether poll(2) says that a buffer can be read when so much of it is full.
///
/// Kernels before 6.1, 5.15.86 and 5.10.163 say so at the first record (commit 42fb0a1e84ff, "Have polling block on watermark"),
/// some later ones not at all (before 8145f1c35fa6, "Fix full_waiters_pending in poll", 6.9): what it did not do is found out.
struct Watermark {
    /// The kernel took the setting, and nothing was seen that contradicts it.
    var isTrusted = false

    /// How full a CPU's buffer is when its reader is woken.
    static let percent = 25

    /// - Parameters:
    ///   - moved: sub-buffers of the fullest CPU.
    ///   - size: sub-buffers of its buffer.
    ///   - isWoken: poll(2) said that there is something.
    func isDisproved(moved: Int, of size: Int, isWoken: Bool) -> Bool {
        isTrusted && (isWoken ? moved == 0 : moved * 100 > 2 * Self.percent * size)
    }
}
