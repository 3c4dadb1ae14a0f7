/// Where `at` comes from: the wall clock, as long as it can be believed.
///
/// Trusted: `at` is the later of the last `at` and the wall clock. Suspect (the wall clock is more
/// than five minutes ahead of the last `at` plus the time that really passed, or at start the last
/// `at` is more than five minutes ahead of the wall clock): `at` is the last `at` plus the time
/// that really passed, never the wall clock, until an operator accepts the wall clock.
public struct LedgerClock: Equatable, Sendable {
  /// How far a wall clock may be off before nobody believes it.
  public static let tolerance: Int64 = 300_000

  private var last: Timestamp
  /// The boot-time clock when `last` was taken, in milliseconds.
  private var lastBoot: Int64
  public private(set) var isSuspect: Bool

  /// A clock at start.
  ///
  /// - Parameters:
  ///   - last: `at` of the last record; nil for a new ledger.
  ///   - boot: milliseconds of a clock that counts real time, also during suspend.
  public init(last: Timestamp?, wall: Timestamp, boot: Int64) {
    let known = last ?? wall
    isSuspect = known.milliseconds(since: wall) > LedgerClock.tolerance
    self.last = isSuspect ? known : max(known, wall)
    lastBoot = boot
  }

  /// The moment that a decision made now carries.
  public mutating func now(wall: Timestamp, boot: Int64) -> Timestamp {
    let passed = last.advanced(byMilliseconds: max(0, boot - lastBoot))
    if wall.milliseconds(since: passed) > LedgerClock.tolerance { isSuspect = true }
    last = isSuspect ? passed : max(last, wall)
    lastBoot = max(lastBoot, boot)
    return last
  }

  /// Believes the wall clock again; `at` may go back to it this once.
  public mutating func accept(wall: Timestamp, boot: Int64) {
    last = wall
    lastBoot = max(lastBoot, boot)
    isSuspect = false
  }
}
