internal import Glibc

/// Hands out the lines of a file one after the other; never more than a line in memory.
///
/// A file that grows meanwhile is read up to the size that it had at the start, to the end of the
/// line there: whoever writes it may be faster than we are.
package final class LineSource {
  /// One line without its line feed, and without a carriage return before it.
  package enum Line: Equatable, Sendable {
    case whole([UInt8])
    /// The last line, with no line feed.
    case unfinished([UInt8])
    /// Longer than the limit; its bytes were passed over.
    case tooLong
  }

  /// Why a file cannot be read as lines.
  package enum Fault: Error, Equatable, Sendable {
    case noSuchFile
    case folder
    /// A pipe, socket or device.
    case notAFile
    case cannotOpen(errno: Int32)
    case cannotRead(errno: Int32)
  }

  private static let chunk = 262_144

  private let descriptor: Int32
  private let limit: Int
  /// The size at the start; nil when it cannot be known (standard input).
  package let size: Int?
  /// Bytes handed out or passed over so far.
  package private(set) var consumed = 0
  /// Whether the file began with a byte order mark, which was passed over.
  package private(set) var hasByteOrderMark = false
  private var buffer = [UInt8](repeating: 0, count: chunk)
  private var start = 0
  private var end = 0
  private var isAtEnd = false

  /// Opens a regular file.
  ///
  /// - Parameter limit: bytes of the longest line without its line feed.
  /// - Throws: every fault but `cannotRead`. A FIFO is refused, never waited for.
  package init(path: String, limit: Int) throws(Fault) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      switch errno {
      case ENOENT, ENOTDIR: throw .noSuchFile
      case ENXIO: throw .notAFile
      case let code: throw .cannotOpen(errno: code)
      }
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw .cannotOpen(errno: code)
    }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG else {
      close(descriptor)
      throw kind == S_IFDIR ? .folder : .notAFile
    }
    self.descriptor = descriptor
    self.limit = limit
    size = Int(status.st_size)
  }

  /// Reads what comes on a descriptor, which is closed at the end, until there is no more.
  package init(descriptor: Int32, limit: Int) {
    self.descriptor = descriptor
    self.limit = limit
    size = nil
  }

  deinit { close(descriptor) }

  /// How much longer the file is now than it was at the start, in bytes; 0 when it is not.
  package var growth: Int {
    var status = stat()
    guard let size, fstat(descriptor, &status) == 0 else { return 0 }
    return max(0, Int(status.st_size) - size)
  }

  /// The next line; nil at the end.
  /// - Throws: `cannotRead`.
  package func next() throws(Fault) -> Line? {
    if let size, consumed >= size { return nil }
    if consumed == 0 { try skipByteOrderMark() }
    var line: [UInt8] = []
    var isTooLong = false
    while true {
      if start == end, try !fill() { break }
      let feed = lineFeed()
      let stop = feed ?? end
      // One byte more than the limit is kept: it may be the carriage return.
      if line.count + stop - start > limit + 1 { isTooLong = true }
      if !isTooLong { line.append(contentsOf: buffer[start..<stop]) }
      let next = feed.map { $0 + 1 } ?? end
      consumed += next - start
      start = next
      if feed != nil { return finish(line, isTooLong, isWhole: true) }
    }
    return line.isEmpty && !isTooLong ? nil : finish(line, isTooLong, isWhole: false)
  }

  private func finish(_ bytes: [UInt8], _ isTooLong: Bool, isWhole: Bool) -> Line {
    var line = bytes
    if line.last == 0x0D { line.removeLast() }
    if isTooLong || line.count > limit { return .tooLong }
    return isWhole ? .whole(line) : .unfinished(line)
  }

  private func skipByteOrderMark() throws(Fault) {
    while end < 3, try fill() {}
    guard end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF else { return }
    hasByteOrderMark = true
    start = 3
    consumed = 3
  }

  /// The index of the next line feed in the buffer.
  private func lineFeed() -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress,
        let found = memchr(base + start, 0x0A, end - start)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }

  /// Reads more behind what is there; false at the end of the file.
  private func fill() throws(Fault) -> Bool {
    if isAtEnd { return false }
    if start == end { (start, end) = (0, 0) }
    while true {
      let place = end
      let count = buffer.withUnsafeMutableBytes { bytes in
        read(descriptor, bytes.baseAddress.map { $0 + place }, bytes.count - place)
      }
      if count > 0 {
        end += count
        return true
      }
      if count == 0 {
        isAtEnd = true
        return false
      }
      if errno != EINTR { throw .cannotRead(errno: errno) }
    }
  }
}

extension LineSource.Fault {
  /// What the program's exit tells: no such file is 4, anything else is a wrong FILE.
  package var status: ExitStatus {
    switch self {
    case .noSuchFile: .notFound
    case .folder, .notAFile, .cannotOpen: .usage
    case .cannotRead: .checkFailed
    }
  }

  /// What is wrong and what to do next; to stand after the file's name.
  package var sentence: String {
    switch self {
    case .noSuchFile: "there is no such file"
    case .folder: "is a folder; name a file"
    case .notAFile: "is no regular file; to read a pipe, give - and send it to standard input"
    case .cannotOpen(let code): "cannot be opened: \(String(cString: strerror(code)))"
    case .cannotRead(let code):
      "cannot be read: \(String(cString: strerror(code))); what was read before is imported, "
        + "run the same command again to go on"
    }
  }
}
