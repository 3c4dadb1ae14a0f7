package import JSON
package import Ledger
internal import Synchronization

/// Counts requests turned away unpaid; written to the log once a minute at most.
package final class OfferCounter: Sendable {
  /// What came since the last line in the log.
  private struct Counts: Sendable {
    var from: Timestamp
    var byReason = [Int](repeating: 0, count: OfferReason.allCases.count)
  }

  private let counts: Mutex<Counts>

  package init(from: Timestamp) { counts = Mutex(Counts(from: from)) }

  package func count(_ reason: OfferReason) {
    counts.withLock { $0.byReason[reason.rawValue] += 1 }
  }

  /// What came since the last call; nil when nothing.
  package func drain(now: Timestamp) -> CountOffers? {
    let taken = counts.withLock { counts in
      defer { counts = Counts(from: now) }
      return counts
    }
    var byCode: [Text: Int] = [:]
    for reason in OfferReason.allCases where taken.byReason[reason.rawValue] > 0 {
      byCode[Text("\(reason.code)")] = taken.byReason[reason.rawValue]
    }
    return byCode.isEmpty ? nil : CountOffers(from: taken.from, byCode: byCode)
  }

  /// What came since the last drain, for a scrape in between.
  package var pending: Int { counts.withLock { $0.byReason.reduce(0, +) } }
}

/// One finished call of a priced route.
package struct Call: Equatable, Sendable {
  package let status: Int
  package let isPaid: Bool
  package let latencyMicroseconds: UInt64

  package init(status: Int, isPaid: Bool, latencyMicroseconds: UInt64) {
    self.status = status
    self.isPaid = isPaid
    self.latencyMicroseconds = latencyMicroseconds
  }
}

/// The last 500 calls of priced routes, exactly.
package final class CallWindow: Sendable {
  package static let size = 500

  /// The window and the totals since the start.
  private struct Ring: Sendable {
    var calls: [Call] = []
    var next = 0
    var total = 0
    var paid = 0
    var replays = 0
  }

  private let ring = Mutex(Ring())

  package init() {}

  /// Takes in a finished call; a recorded answer given again is a call, but not a paid one.
  package func add(_ call: Call, isReplay: Bool) {
    ring.withLock { ring in
      if isReplay { ring.replays += 1 }
      if ring.calls.count < CallWindow.size {
        ring.calls.append(call)
      } else {
        ring.calls[ring.next] = call
        ring.next = (ring.next + 1) % CallWindow.size
      }
      ring.total += 1
      if call.isPaid { ring.paid += 1 }
    }
  }

  /// All calls since the start, and the paid and the replayed ones among them.
  package var totals: (calls: Int, paid: Int, replays: Int) {
    ring.withLock { ($0.total, $0.paid, $0.replays) }
  }

  /// The seed's summary: `windowSize, callsTotal, paidCalls, failureRate, p95LatencyMs`, all over
  /// the window.
  ///
  /// `failureRate` is the share of answers with a status of 400 or more, four decimals, half up;
  /// `p95LatencyMs` the smallest latency that 95 % of calls do not exceed (nearest rank), three
  /// decimals. Both are 0 when there was no call.
  package func summary() -> JSONWriter {
    let calls = ring.withLock { $0.calls }
    var out = JSONWriter()
    out.beginObject()
    out.field("windowSize", CallWindow.size)
    out.field("callsTotal", calls.count)
    out.field("paidCalls", calls.count { $0.isPaid })
    out.key("failureRate")
    let failures = calls.count { $0.status >= 400 }
    let rate = calls.isEmpty ? 0 : (failures * 20_000 + calls.count) / (calls.count * 2)
    CallWindow.append(rate, decimals: 4, to: &out)
    out.key("p95LatencyMs")
    CallWindow.append(CallWindow.p95(calls), decimals: 3, to: &out)
    out.endObject()
    return out
  }

  private static func p95(_ calls: [Call]) -> Int {
    guard !calls.isEmpty else { return 0 }
    let sorted = calls.map(\.latencyMicroseconds).sorted()
    let rank = (sorted.count * 95 + 99) / 100
    return Int(clamping: sorted[rank - 1])
  }

  private static func append(_ value: Int, decimals: Int, to out: inout JSONWriter) {
    var digits = String(value)
    while digits.utf8.count <= decimals { digits = "0" + digits }
    let point = digits.index(digits.endIndex, offsetBy: -decimals)
    out.bytes.append(contentsOf: (digits[..<point] + "." + digits[point...]).utf8)
  }
}
