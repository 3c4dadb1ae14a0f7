import Glibc

/// Wakes a follower when something in the ledger folder has been written.
public final class FolderWatch: Sendable {
  private let descriptor: Int32

  /// Watches a folder; where the system gives no watch, `wait` just sleeps.
  public init(_ folder: String) {
    descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    guard descriptor >= 0 else { return }
    _ = inotify_add_watch(
      descriptor, folder, UInt32(IN_MODIFY) | UInt32(IN_CREATE) | UInt32(IN_MOVED_TO))
  }

  deinit {
    if descriptor >= 0 { _ = close(descriptor) }
  }

  /// Returns when something has happened, or after so many milliseconds.
  public func wait(milliseconds: Int32) {
    guard descriptor >= 0 else {
      usleep(UInt32(max(0, milliseconds)) * 1_000)
      return
    }
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, milliseconds) > 0 else { return }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    while bytes.withUnsafeMutableBytes({ read(descriptor, $0.baseAddress, $0.count) }) > 0 {}
  }
}
