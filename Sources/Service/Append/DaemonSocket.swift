/// The way from a tool to the daemon that holds the ledger.
enum DaemonSocket {
  /// Whether the holder of the lock, as it names itself there, is a daemon: it can be talked to.
  static func isDaemon(_ holder: String) -> Bool {
    holder.utf8.count >= daemonName.utf8.count && holder.hasSuffix(daemonName)
  }

  /// What `serve` writes beside its process id into the lock.
  static let daemonName = "tollbook serve"
}
