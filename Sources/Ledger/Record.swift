public import JSON

/// The client's name for a retry, bound to what it named.
///
/// Stands on the first record of a unit; `key`, `op` and `print` come together or not at all.
/// Never changes; shared, not copied, so that a record stays small.
public final class KeyBinding: Equatable, Sendable {
  /// The Idempotency-Key as sent: 1 to 255 visible ASCII characters.
  public let key: Text
  /// The command's name, or method and route pattern of a priced route.
  public let op: Text
  /// What the key was used for.
  public let print: Fingerprint

  public init(key: Text, op: Text, print: Fingerprint) {
    self.key = key
    self.op = op
    self.print = print
  }

  public static func == (left: KeyBinding, right: KeyBinding) -> Bool {
    left === right || (left.key == right.key && left.op == right.op && left.print == right.print)
  }
}

/// One line of the log: an event and its envelope, without the hash.
public struct Record: Equatable, Sendable {
  /// Dense from 1.
  public let seq: UInt64
  public let at: Timestamp
  /// Who wished it: `agent:<id>`, `operator`, `anonymous`, `tollbook`.
  public let actor: Text
  /// The request or event that led here.
  public let cause: Text?
  public let binding: KeyBinding?
  /// Nil for records about the ledger and its controls: they hold for both books.
  public let book: Book?
  /// Whether further records of the same decision follow.
  public let more: Bool
  public let event: Event

  @inlinable
  public init(
    seq: UInt64, at: Timestamp, actor: Text, cause: Text?, binding: KeyBinding?, book: Book?,
    more: Bool, event: Event
  ) {
    self.seq = seq
    self.at = at
    self.actor = actor
    self.cause = cause
    self.binding = binding
    self.book = event.type.isControl ? nil : book
    self.more = more
    self.event = event
  }

  public var isFake: Bool { book == .fake }
}
