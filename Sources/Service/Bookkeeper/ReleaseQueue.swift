package import HTTP
internal import Synchronization

/// Holds answers back until what they depend on is durable.
package final class ReleaseQueue: Sendable {
  /// Something that waits.
  package enum Waiter: Sendable {
    case answer(Exchange, Response)
    /// Called with true once durable, with false when the disk is lost.
    case call(@Sendable (Bool) -> Void)
  }

  /// Who waits, and how far the disk is.
  private struct Waiting: Sendable {
    /// In order of seq; seqs are decided under one lock, so nearly always at the end.
    var entries: [(seq: UInt64, waiter: Waiter)] = []
    var durable: UInt64
    var isAbandoned = false
  }

  private let waiting: Mutex<Waiting>

  package init(durable: UInt64) { waiting = Mutex(Waiting(durable: durable)) }

  /// Lets it out now if the seq is durable, else when it is.
  package func add(_ waiter: Waiter, after seq: UInt64) {
    /// What becomes of a waiter that has just come.
    enum Fate { case now, lost, later }
    let fate: Fate = waiting.withLock { waiting in
      if seq <= waiting.durable { return .now }
      if waiting.isAbandoned { return .lost }
      var place = waiting.entries.count
      while place > 0, waiting.entries[place - 1].seq > seq { place -= 1 }
      waiting.entries.insert((seq, waiter), at: place)
      return .later
    }
    switch fate {
    case .now:
      switch waiter {
      // Often on the event loop itself, which then sends at once.
      case .answer(let exchange, let response): exchange.respond(response)
      case .call(let action): action(true)
      }
    case .lost: ReleaseQueue.refuse([waiter])
    case .later: break
    }
  }

  /// Lets out all that waited for a seq up to this one.
  package func release(upTo durable: UInt64) {
    let ready: [Waiter] = waiting.withLock { waiting in
      waiting.durable = durable
      let count = waiting.entries.firstIndex { $0.seq > durable } ?? waiting.entries.count
      let ready = waiting.entries[..<count].map(\.waiter)
      waiting.entries.removeFirst(count)
      return ready
    }
    ReleaseQueue.letOut(ready)
  }

  /// The disk is lost: whoever waits is told that the outcome is unknown.
  package func abandon() {
    let lost: [Waiter] = waiting.withLock { waiting in
      waiting.isAbandoned = true
      let lost = waiting.entries.map(\.waiter)
      waiting.entries.removeAll()
      return lost
    }
    ReleaseQueue.refuse(lost)
  }

  private static func letOut(_ waiters: [Waiter]) {
    var answers: [(Exchange, Response)] = []
    for waiter in waiters {
      switch waiter {
      case .answer(let exchange, let response): answers.append((exchange, response))
      case .call(let action): action(true)
      }
    }
    if !answers.isEmpty { Exchange.respond(answers) }
  }

  private static func refuse(_ waiters: [Waiter]) {
    for waiter in waiters {
      switch waiter {
      case .answer(let exchange, _): exchange.respond(Problem.ledgerUnavailable)
      case .call(let action): action(false)
      }
    }
  }
}

extension Problem {
  /// The disk failed after the request came in: the outcome is unknown.
  package static let ledgerUnavailable = Problem(
    status: 503, code: "LEDGER_UNAVAILABLE",
    detail:
      "The ledger could not be written. The outcome of this request is unknown: "
      + "send it again with the same Idempotency-Key.",
    retryAfterSeconds: 5)
}
