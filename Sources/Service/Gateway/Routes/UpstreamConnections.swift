internal import HTTP
internal import Synchronization

/// Connections to upstreams that wait for the next request.
final class UpstreamConnections: Sendable {
  /// Which connections may stand in for each other.
  struct Key: Hashable, Sendable {
    let origin: String
    let bodyLimit: Int
  }

  /// One connection, or what can make one; whoever took it out has it alone.
  final class Connection: @unchecked Sendable {
    let client: Client
    fileprivate let key: Key
    fileprivate var restsSince: Int64 = 0

    fileprivate init(_ client: Client, _ key: Key) {
      self.client = client
      self.key = key
    }
  }

  /// Below the five seconds after which many a server closes a connection that rests.
  private static let restMilliseconds: Int64 = 4_000
  /// The most that rest for one key.
  private static let restingLimit = 64

  /// The last in a list was used last.
  private let resting = Mutex<[Key: [Connection]]>([:])

  /// A connection that rests, else one that connects at its first request; nil when the origin
  /// cannot be one.
  func take(_ key: Key, now: Int64) -> Connection? {
    let known = resting.withLock { resting in
      let oldest = now - UpstreamConnections.restMilliseconds
      resting[key]?.removeAll { $0.restsSince < oldest }
      return resting[key]?.popLast()
    }
    if let known { return known }
    var limits = ClientLimits()
    limits.bodyBytes = key.bodyLimit
    guard let client = Client(origin: key.origin, limits: limits, keepsAlive: true)
    else { return nil }
    return Connection(client, key)
  }

  /// Lets a connection rest for the next request.
  func giveBack(_ connection: Connection, now: Int64) {
    connection.restsSince = now
    resting.withLock { resting in
      guard resting[connection.key, default: []].count < UpstreamConnections.restingLimit
      else { return }
      resting[connection.key, default: []].append(connection)
    }
  }

  /// Closes those that have rested for long.
  func trim(now: Int64) {
    let oldest = now - UpstreamConnections.restMilliseconds
    resting.withLock { resting in
      for key in Array(resting.keys) {
        resting[key]?.removeAll { $0.restsSince < oldest }
        if resting[key]?.isEmpty == true { resting[key] = nil }
      }
    }
  }
}
