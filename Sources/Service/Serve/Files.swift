internal import Glibc

/// Why a file could not be read or written.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  package let path: String
  package let reason: String

  package var description: String { "\(path): \(reason)" }

  init(_ path: String) {
    self.path = path
    reason = String(cString: strerror(errno))
  }

  init(_ path: String, reason: String) {
    self.path = path
    self.reason = reason
  }
}

/// Small whole files: read, and replaced in one step.
package enum Files {
  /// The bytes of a regular file; nil when there is none.
  /// - Throws: `FileError` for anything else, also past the limit.
  package static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw FileError(path)
    }
    defer { _ = close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw FileError(path) }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw FileError(path, reason: "is not a regular file")
    }
    guard Int(facts.st_size) <= limit else {
      throw FileError(path, reason: "is larger than \(limit) bytes")
    }
    var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError(path) }
      if count == 0 { break }
      filled += count
    }
    return Array(bytes[..<filled])
  }

  /// Puts a whole file in place in one step: a reader sees the old one or the new one.
  package static func replace(
    _ path: String, with bytes: [UInt8], mode: UInt32
  ) throws(FileError) {
    let fresh = path + ".new"
    let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw FileError(fresh) }
    defer { _ = close(descriptor) }
    try write(bytes, to: descriptor, fresh)
    guard fsync(descriptor) == 0, rename(fresh, path) == 0 else { throw FileError(path) }
  }

  private static func write(
    _ bytes: [UInt8], to descriptor: Int32, _ path: String
  ) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileError(path) }
      written += count
    }
  }

  /// Takes away what others may do with a file of ours.
  package static func keepPrivate(_ path: String) throws(FileError) {
    var facts = stat()
    guard stat(path, &facts) == 0 else { throw FileError(path) }
    if facts.st_mode & 0o077 != 0, chmod(path, 0o600) != 0 { throw FileError(path) }
  }

  /// Makes a folder and those above it, if they are missing.
  package static func makeFolder(_ path: String, mode: UInt32) throws(FileError) {
    var made = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && part.isEmpty ? "/" : (made.isEmpty || made == "/" ? "" : "/") + part
      guard !made.isEmpty, made != "/" else { continue }
      if mkdir(made, mode) != 0 && errno != EEXIST { throw FileError(made) }
    }
  }
}
