import Glibc

/// An append-only text file that moves aside when it is full.
///
/// `name` becomes `name.1`, `name.1` becomes `name.2`, and so on; the oldest goes. It survives
/// a full disk, a removed folder and a file that another tool moved away: what cannot be written is
/// counted, and the next batch tries again. Used by one thread.
struct RotatingFile {
  private let folder: String
  private let path: String
  private let limit: Int
  private let kept: Int
  private var descriptor: Int32 = -1
  private var size = 0
  /// The last write ended inside a line.
  private var isInsideLine = false

  /// - Parameters:
  ///   - limit: bytes after which the next line opens a new file; a longer line stands alone.
  ///   - kept: how many moved files stay, 1 or more.
  init(folder: String, name: String, limit: Int, kept: Int) {
    self.folder = folder
    path = folder + "/" + name
    self.limit = limit
    self.kept = kept
  }

  /// Lets go of the file; the next batch opens it by its name again.
  mutating func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  /// Writes whole lines and returns how many of them could not be written.
  mutating func write(_ batch: [UInt8]) -> Int {
    batch.withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count {
        guard openIfNeeded() else { return Self.lines(in: bytes[start...]) }
        let end = endOfLinesThatFit(bytes, from: start)
        if end == start {
          rotate()
          continue
        }
        let lost = append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        guard lost == 0 else { return lost + Self.lines(in: bytes[end...]) }
        start = end
      }
      return 0
    }
  }

  /// The end of the last whole line that the file still has room for; `start` if there is none.
  private func endOfLinesThatFit(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    let room = limit - size
    if bytes.count - start <= room { return bytes.count }
    if room > 0, let last = bytes[start..<(start + room)].lastIndex(of: 0x0A) { return last + 1 }
    guard size == 0 else { return start }
    return bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
  }

  /// Returns how many lines were lost: those whose last byte did not reach the file.
  private mutating func append(_ bytes: UnsafeRawBufferPointer) -> Int {
    if isInsideLine {
      // The rest of that line is gone; a line feed keeps the next line readable.
      guard Glibc.write(descriptor, "\n", 1) == 1 else { return Self.lines(in: bytes[...]) }
      isInsideLine = false
      size += 1
    }
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        isInsideLine = written > 0 && bytes[written - 1] != 0x0A
        return Self.lines(in: bytes[written...])
      }
      written += count
      size += count
    }
    return 0
  }

  private mutating func openIfNeeded() -> Bool {
    var status = stat()
    if descriptor >= 0 {
      // No name left means that somebody removed the file or its folder.
      guard fstat(descriptor, &status) == 0, status.st_nlink > 0 else {
        close()
        return openIfNeeded()
      }
      return true
    }
    mkdir(folder, 0o750)
    // Without O_NONBLOCK a FIFO in the file's place would hang the thread.
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK
    let opened = open(path, flags, 0o640)
    guard opened >= 0 else { return false }
    guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      Glibc.close(opened)
      return false
    }
    descriptor = opened
    size = Int(status.st_size)
    isInsideLine = size > 0 && !endsWithLineFeed()
    return true
  }

  /// A crash may have left half a line; a file that cannot be read is taken as whole.
  private func endsWithLineFeed() -> Bool {
    let reading = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard reading >= 0 else { return true }
    defer { Glibc.close(reading) }
    var last: UInt8 = 0
    return pread(reading, &last, 1, off_t(size - 1)) != 1 || last == 0x0A
  }

  private mutating func rotate() {
    for number in stride(from: kept, to: 1, by: -1) {
      rename("\(path).\(number - 1)", "\(path).\(number)")
    }
    if rename(path, "\(path).1") == 0 {
      close()
      isInsideLine = false
    } else {
      // Better a file that is too long than a lost line: take the present one as empty.
      size = 0
    }
  }

  private static func lines(in bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    var count = 0
    for byte in bytes where byte == 0x0A { count += 1 }
    return count
  }
}
