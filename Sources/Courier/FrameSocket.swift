import Foundation

/// The socket to the daemon: frames of a 4-byte big-endian length and so many bytes of JSON.
///
/// One thread reads; any may write.
final class FrameSocket: Sendable {
  /// Bytes of one frame without its length; more is a fault of the other side.
  static let limit = 4 << 20

  private let descriptor: Int32
  private let writing = NSLock()

  /// Nil when the descriptor is no socket.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
    self.descriptor = descriptor
  }

  /// The next frame; nil at the end of the socket, also in mid-frame, and for an impossible length.
  func read() -> [UInt8]? {
    guard let head = read(count: 4) else { return nil }
    let count = head.reduce(0) { $0 << 8 | Int($1) }
    guard (1...Self.limit).contains(count) else { return nil }
    return read(count: count)
  }

  /// Sends a whole frame; false when the other side has gone.
  func write(_ frame: [UInt8]) -> Bool {
    let count = UInt32(frame.count)
    let head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
    let bytes = head + frame
    writing.lock()
    defer { writing.unlock() }
    var sent = 0
    while sent < bytes.count {
      let step = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, 0) }
      if step < 0, errno == EINTR { continue }
      guard step > 0 else { return false }
      sent += step
    }
    return true
  }

  private func read(count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let step = bytes[filled...].withUnsafeMutableBytes {
        recv(descriptor, $0.baseAddress, $0.count, 0)
      }
      if step < 0, errno == EINTR { continue }
      guard step > 0 else { return nil }
      filled += step
    }
    return bytes
  }
}
