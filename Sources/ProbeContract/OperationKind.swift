/// What a frame of a role is about.
@frozen
@usableFromInline
package enum OperationKind: UInt8, CaseIterable, Sendable {
    case send
    case receive
    /// No operation of its own: it shows how the operations inside it came about.
    case context
    case create
    case close
    case connect
    case accept
    case bind
    case listen
    case shutdown
}
