internal import JSON
package import Ledger
internal import Synchronization

/// A token bucket per client; what it refuses is counted, and the counts go into the log.
package final class RateLimiter: Sendable {
  private struct Bucket: Sendable {
    /// Thousandths of a request.
    var level: Int
    var filledAt: Int64
  }

  private struct Buckets: Sendable {
    var byClient: [String: Bucket] = [:]
    var trips = 0
    var tripped: Set<String> = []
    var from: Timestamp?
  }

  /// More clients than this start over: a stranger cannot fill the memory.
  private static let clientLimit = 65_536
  private static let request = 1_000

  private let limit: RateLimit
  private let buckets = Mutex(Buckets())

  package init(_ limit: RateLimit) { self.limit = limit }

  /// Takes one request of a client; nil when it may pass, else the seconds to wait.
  ///
  /// A full bucket lets as many requests through at once as the limit counts.
  package func take(client: String, boot: Int64) -> Int? {
    let capacity = limit.count * RateLimiter.request
    let span = Int64(limit.seconds) * 1_000
    return buckets.withLock { buckets in
      if buckets.byClient.count >= RateLimiter.clientLimit, buckets.byClient[client] == nil {
        buckets.byClient.removeAll()
      }
      var bucket = buckets.byClient[client] ?? Bucket(level: capacity, filledAt: boot)
      let passed = min(max(0, boot - bucket.filledAt), span)
      bucket.level = min(capacity, bucket.level + Int(passed) * capacity / Int(span))
      bucket.filledAt = boot
      guard bucket.level >= RateLimiter.request else {
        buckets.byClient[client] = bucket
        buckets.trips += 1
        if buckets.tripped.count < RateLimiter.clientLimit { buckets.tripped.insert(client) }
        let missing = RateLimiter.request - bucket.level
        let wait = (missing * Int(span) + capacity - 1) / capacity
        return max(1, (wait + 999) / 1_000)
      }
      bucket.level -= RateLimiter.request
      buckets.byClient[client] = bucket
      return nil
    }
  }

  /// What was refused since the last call; nil when nothing.
  package func drain(now: Timestamp) -> CountRateLimitTrips? {
    buckets.withLock { buckets in
      defer {
        buckets.trips = 0
        buckets.tripped.removeAll()
        buckets.from = now
      }
      guard buckets.trips > 0 else { return nil }
      return CountRateLimitTrips(
        scope: "gateway", from: buckets.from ?? now, count: buckets.trips,
        clients: buckets.tripped.count)
    }
  }
}
