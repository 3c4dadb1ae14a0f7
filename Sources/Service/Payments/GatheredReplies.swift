internal import Ledger
internal import Synchronization

/// Waits for so many replies, from any threads, and then answers once.
final class GatheredReplies: Sendable {
  /// What has come so far.
  private struct Pile: Sendable {
    var phases: [AuthorizationPhase?] = []
    var seq: UInt64
  }

  private let pile: Mutex<Pile>
  private let count: Int
  private let done: @Sendable ([AuthorizationPhase?], UInt64) -> Void

  init(
    _ count: Int, _ seq: UInt64,
    _ done: @escaping @Sendable ([AuthorizationPhase?], UInt64) -> Void
  ) {
    self.count = count
    self.done = done
    pile = Mutex(Pile(seq: seq))
    if count == 0 { done([], seq) }
  }

  /// Takes in one reply: where the hold stands, nil when it was refused.
  func add(_ phase: AuthorizationPhase?, _ seq: UInt64) {
    let whole: Pile? = pile.withLock { pile in
      pile.phases.append(phase)
      pile.seq = max(pile.seq, seq)
      return pile.phases.count == count ? pile : nil
    }
    if let whole { done(whole.phases, whole.seq) }
  }
}
