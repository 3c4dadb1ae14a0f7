/// Which of the two sets of accounts a record belongs to.
///
/// Money that fakes move is kept apart for ever: other totals, keys, proofs and sessions.
public enum Book: UInt8, CaseIterable, Sendable, Hashable {
  case real, fake

  /// `real` or `fake`, as the command line says it.
  public var name: StaticString {
    switch self {
    case .real: "real"
    case .fake: "fake"
    }
  }
}
