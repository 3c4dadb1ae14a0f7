package import JSON
package import Ledger
internal import Synchronization

/// A token bucket per client; what it refuses is counted, and the counts go into the log.
package final class RateLimiter: Sendable {
  /// What one client may still ask for.
  private struct Bucket: Sendable {
    /// What is left: a request costs the limit's span in milliseconds, and each millisecond brings
    /// back the limit's count. Whole numbers, so that nothing is lost however often it is asked.
    var level: Int
    var filledAt: Int64
  }

  /// All clients, and what was refused since the last line in the log.
  private struct Buckets: Sendable {
    var byClient: [String: Bucket] = [:]
    var trips = 0
    var tripped: Set<String> = []
    var from: Timestamp?
  }

  /// More clients than this start over: a stranger cannot fill the memory.
  private static let clientLimit = 65_536

  private let limit: RateLimit
  private let scope: Text
  private let buckets = Mutex(Buckets())

  /// - Parameter scope: what is limited, as its counter in the log says.
  package init(_ limit: RateLimit, scope: Text = "gateway") {
    self.limit = limit
    self.scope = scope
  }

  /// Takes one request of a client; nil when it may pass, else the seconds to wait.
  ///
  /// A full bucket lets as many requests through at once as the limit counts.
  package func take(client: String, boot: Int64) -> Int? {
    let request = limit.seconds * 1_000
    let capacity = limit.count * request
    return buckets.withLock { buckets in
      if buckets.byClient.count >= RateLimiter.clientLimit, buckets.byClient[client] == nil {
        buckets.byClient.removeAll()
      }
      var bucket = buckets.byClient[client] ?? Bucket(level: capacity, filledAt: boot)
      let passed = min(max(0, boot - bucket.filledAt), Int64(request))
      bucket.level = min(capacity, bucket.level + Int(passed) * limit.count)
      bucket.filledAt = boot
      guard bucket.level >= request else {
        buckets.byClient[client] = bucket
        buckets.trips += 1
        if buckets.tripped.count < RateLimiter.clientLimit { buckets.tripped.insert(client) }
        let wait = (request - bucket.level + limit.count - 1) / limit.count
        return max(1, (wait + 999) / 1_000)
      }
      bucket.level -= request
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
        scope: scope, from: buckets.from ?? now, count: buckets.trips,
        clients: buckets.tripped.count)
    }
  }
}
