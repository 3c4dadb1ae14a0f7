internal import Glibc
internal import Synchronization

/// Watches the free space below the ledger; new money is refused while it is low.
package final class DiskWatch: Sendable {
  private let folder: String
  private let minimumMegabytes: Int
  private let low = Atomic<Bool>(false)

  /// - Parameter minimumMegabytes: `TOLLBOOK_MIN_FREE_MB`; 0 never refuses.
  package init(folder: String, minimumMegabytes: Int) {
    self.folder = folder
    self.minimumMegabytes = minimumMegabytes
    look()
  }

  /// Looks at the disk; called once a second. A disk that cannot be asked counts as low.
  package func look() {
    var facts = statvfs()
    guard statvfs(folder, &facts) == 0 else {
      low.store(minimumMegabytes > 0, ordering: .relaxed)
      return
    }
    let (bytes, overflow) = UInt64(facts.f_bavail).multipliedReportingOverflow(
      by: UInt64(facts.f_frsize))
    let isLow = !overflow && bytes < UInt64(minimumMegabytes) * 1_048_576
    low.store(isLow, ordering: .relaxed)
  }

  package var isLow: Bool { low.load(ordering: .relaxed) }
}
