import Glibc

/// The lock that makes one writer per ledger folder: an OFD lock on `LOCK`.
///
/// Held until `release` or the end of the process; its descriptor is close-on-exec.
public final class LedgerLock: Sendable {
  // The Glibc module does not export these two (fcntl.h, Linux 3.15).
  private static let getOpenLock: Int32 = 36
  private static let setOpenLock: Int32 = 37

  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { _ = close(descriptor) }

  /// Takes the lock of a folder, waiting for another holder.
  ///
  /// `holder` is left in the file for those who wait, e.g. `serve`; the process id stands before
  /// it. Waits at most `milliseconds`; 0 asks once.
  /// - Throws: `.heldBy` when another process still has it; `.unusable` when the file cannot be
  ///   opened or locked.
  public static func take(
    in folder: String, as holder: String, waitingMilliseconds milliseconds: Int
  ) throws(LockError) -> LedgerLock {
    let path = "\(folder)/\(Layout.lock)"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o640)
    guard descriptor >= 0 else { throw .unusable(path, SystemError.sentence(for: errno)) }
    let lock = LedgerLock(descriptor: descriptor)
    var waited = 0
    while true {
      var wish = LedgerLock.wholeFile()
      if fcntl(descriptor, setOpenLock, &wish) == 0 { break }
      let number = errno
      guard number == EAGAIN || number == EACCES || number == EINTR else {
        throw .unusable(path, SystemError.sentence(for: number))
      }
      guard waited < milliseconds else { throw .heldBy(lock.holder()) }
      usleep(20_000)
      waited += 20
    }
    lock.leave("\(getpid()) \(holder)\n")
    return lock
  }

  /// Who holds the lock of a folder; nil when nobody does. Takes nothing.
  /// - Throws: `.unusable` when the file is there and cannot be asked.
  public static func holder(of folder: String) throws(LockError) -> String? {
    let path = "\(folder)/\(Layout.lock)"
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw .unusable(path, SystemError.sentence(for: errno))
    }
    let lock = LedgerLock(descriptor: descriptor)
    var wish = LedgerLock.wholeFile()
    guard fcntl(descriptor, getOpenLock, &wish) == 0 else {
      throw .unusable(path, SystemError.sentence(for: errno))
    }
    return Int32(wish.l_type) == F_UNLCK ? nil : lock.holder()
  }

  /// Gives the lock to the next.
  public func release() {
    var wish = LedgerLock.wholeFile()
    wish.l_type = Int16(F_UNLCK)
    _ = fcntl(descriptor, LedgerLock.setOpenLock, &wish)
  }

  private static func wholeFile() -> flock {
    var wish = flock()
    wish.l_type = Int16(F_WRLCK)
    wish.l_whence = Int16(SEEK_SET)
    return wish
  }

  /// Leaves word of who holds it; a note for people only, so a failure is no reason to stop.
  private func leave(_ text: String) {
    let bytes = Array(text.utf8)
    guard ftruncate(descriptor, 0) == 0 else { return }
    _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// The note of the holder, made fit to print.
  private func holder() -> String {
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    let note = bytes.prefix(max(0, count)).prefix { (0x20..<0x7F).contains($0) }
    return note.isEmpty ? "an unnamed process" : "process " + String(decoding: note, as: UTF8.self)
  }
}

/// Why the lock of a ledger could not be had.
public enum LockError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Another writer has it; exit 75.
  case heldBy(String)
  /// The lock file cannot be used: path and reason.
  case unusable(String, String)

  public var description: String {
    switch self {
    case .heldBy(let holder): "the ledger is held by \(holder); wait for it, or stop it first"
    case .unusable(let path, let reason): "\(path): \(reason)"
    }
  }
}
