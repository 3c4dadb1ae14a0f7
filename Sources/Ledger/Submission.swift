public import JSON

/// A command, who wishes it, and the name of the retry: the one gate into the ledger.
public struct Submission<Wish: Command>: Sendable {
  public let command: Wish
  public let actor: Text
  public let book: Book
  /// The request that led here, e.g. `req-01J…`.
  public let cause: Text?
  /// The client's key with the fingerprint of what it names; nil when the client sent none.
  public let binding: KeyBinding?

  public init(
    _ command: Wish, actor: Text, book: Book, cause: Text?, binding: KeyBinding?
  ) {
    self.command = command
    self.actor = actor
    self.book = book
    self.cause = cause
    self.binding = binding
  }

  /// Decides: a known key first, then the command itself.
  ///
  /// Same key and print: the first answer. Other print: a conflict, for ever.
  public func decide(given state: State, at now: Timestamp) throws(Rejection) -> Decision {
    if let binding {
      guard binding.isWellFormed else { throw .keyMalformed }
      if let known = state.unit(of: binding, actor: actor, book: book) {
        guard known.print == binding.print else {
          throw .idempotencyConflict(key: binding.key, first: known.seq)
        }
        return .repeated(first: known.seq)
      }
    }
    return try command.decide(given: state, book: book, at: now)
  }

  /// The records of a unit: dense from `first`, the key on the first, `more` on all but the last.
  ///
  /// - Parameter keyed: false for a unit that only refuses: it uses up no key.
  public func records(
    of events: [Event], from first: UInt64, at now: Timestamp, keyed: Bool
  ) -> [Record] {
    events.enumerated().map { index, event in
      Record(
        seq: first + UInt64(index), at: now, actor: actor, cause: cause,
        binding: index == 0 && keyed ? binding : nil, book: book, more: index < events.count - 1,
        event: event)
    }
  }
}

extension KeyBinding {
  /// 1 to 255 visible ASCII characters.
  public static func isWellFormed(key: Text) -> Bool {
    (1...255).contains(key.utf8Count) && key.string.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  var isWellFormed: Bool { KeyBinding.isWellFormed(key: key) }
}
