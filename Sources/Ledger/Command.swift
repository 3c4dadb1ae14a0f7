public import JSON

/// What came of a command.
public enum Decision: Equatable, Sendable {
  /// These happened, as one unit.
  case accepted([Event])
  /// Refused, and that is recorded: the unit has no key, so that the same wish may come again.
  case refused(Rejection, recording: [Event])
  /// It was done before: the answer is that of the unit that begins at this seq.
  case repeated(first: UInt64)
  /// Nothing to do: the world is already as wished.
  case unchanged
}

/// A wish in the imperative.
///
/// `decide` is pure: guards first, in the order in which an asker should learn of them, events
/// last; time is an argument. The core mints no ids: they come in with the command.
public protocol Command: Sendable {
  /// The stable name, the same by API, socket, `log append` and command line.
  static var name: StaticString { get }

  /// Writes the members that a retry must repeat, in canonical order: no key, minted id or time.
  func writePrint(to out: inout JSONWriter)

  /// The events that the command leads to.
  /// - Throws: a `Rejection` that leaves no trace.
  func decide(given state: State, book: Book, at now: Timestamp) throws(Rejection) -> Decision
}

extension Text {
  /// Whether it says nothing: no byte, or blanks and control bytes only.
  public var isBlank: Bool { string.utf8.allSatisfy { $0 <= 0x20 } }

  /// Cut to what an event may carry of a free text: 1 KiB, at a character's edge.
  var cutForEvent: Text { cut(toUTF8Bytes: 1_024) }
}
