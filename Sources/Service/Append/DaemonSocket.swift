internal import HTTP
internal import Journal

/// The way from a tool into the ledger: through the daemon that holds it, or by taking its lock.
enum DaemonSocket {
  /// What `serve` writes beside its process id into the lock.
  static let daemonName = "tollbook serve"

  /// The socket of the daemon that holds the ledger; nil when nobody does.
  /// - Throws: `.heldBy` when another tool has it: that one cannot be talked to.
  static func path(home: String) throws(LockError) -> String? {
    guard let holder = try LedgerLock.holder(of: home + "/data/ledger") else { return nil }
    guard holder.hasSuffix(daemonName) else { throw .heldBy(holder) }
    return home + "/data/run/tollbook.sock"
  }

  /// A client of that daemon; nil when nobody holds the ledger.
  static func client(home: String) throws(LockError) -> Client? {
    try path(home: home).map { path in
      Client(
        address: .unix(path: path), host: "tollbook", limits: ClientLimits(), keepsAlive: true)
    }
  }
}
