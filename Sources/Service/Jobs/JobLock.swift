internal import Glibc

/// The lock that lets one run of a job be under way: cron's and an operator's share it.
///
/// Held by the open descriptor, so it ends with the process, however that ends.
final class JobLock {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Takes `data/run/NAME.lock`; waits at most so long for another run.
  /// - Throws: `JobFault`, busy when another run holds it.
  static func take(
    _ name: String, home: String, waitingMilliseconds limit: Int
  ) throws(JobFault) -> JobLock {
    do throws(FileError) {
      try Files.makeFolder(home + "/data", mode: 0o750)
      try Files.makeFolder(home + "/data/run", mode: 0o700)
    } catch {
      throw JobFault(status: .checkFailed, message: "\(error)")
    }
    let path = "\(home)/data/run/\(name).lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o640)
    guard descriptor >= 0 else { throw unusable(path) }
    let lock = JobLock(descriptor: descriptor)
    var waited = 0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw unusable(path) }
      guard waited < limit else {
        throw JobFault(
          status: .busy, message: "another run of \(name) is under way\(lock.note()); wait for it")
      }
      usleep(50_000)
      waited += 50
    }
    lock.leaveNote()
    return lock
  }

  private static func unusable(_ path: String) -> JobFault {
    JobFault(status: .checkFailed, message: "\(FileError(path))")
  }

  /// Gives the lock to the next run.
  func release() { _ = flock(descriptor, LOCK_UN) }

  /// For people only, so a failure is no reason to stop.
  private func leaveNote() {
    guard ftruncate(descriptor, 0) == 0 else { return }
    let text = Array("\(getpid())\n".utf8)
    _ = pwrite(descriptor, text, text.count, 0)
  }

  private func note() -> String {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let digits = bytes.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
    return digits.isEmpty ? "" : " in process \(String(decoding: digits, as: UTF8.self))"
  }
}
