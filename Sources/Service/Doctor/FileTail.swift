internal import Glibc

/// The end of a file that may be large or being written.
enum FileTail {
  /// The last bytes of a regular file, at most so many; nil when it cannot be read.
  static func bytes(of path: String, atMost limit: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return bytes(of: descriptor, in: max(0, Int(status.st_size) - limit)..<Int(status.st_size))
  }

  /// The bytes of a range; fewer when the file ends before.
  static func bytes(of descriptor: Int32, in range: Range<Int>) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: range.count)
    var filled = 0
    while filled < range.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        pread(
          descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled,
          off_t(range.lowerBound + filled))
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      filled += count
    }
    return Array(bytes[..<filled])
  }

  /// The last whole lines of a file, at most so many, the oldest first.
  static func lines(of path: String, atMost count: Int) -> [String] {
    let limit = 262_144
    guard let bytes = bytes(of: path, atMost: limit) else { return [] }
    var lines = bytes.split(separator: 0x0A)
    // The first one of a cut file has lost its beginning.
    if bytes.count == limit, !lines.isEmpty { lines.removeFirst() }
    return lines.suffix(count).map { String(decoding: $0, as: UTF8.self) }
  }
}
