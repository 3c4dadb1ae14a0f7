internal import Digest
internal import Glibc
internal import Journal

/// Recomputes the hash chain over the end of the log: quick, whatever the size of the log.
///
/// `log verify` checks everything; this only tells whether the end is sound.
enum TailCheck {
  /// What the end of the log looks like.
  enum Verdict: Equatable {
    case empty
    /// So many lines at the end follow from each other.
    case sound(lines: Int)
    /// The last line has no line feed; a start repairs that.
    case unfinished
    /// A line does not follow from the one before it.
    case broken(file: String, offset: Int)
    case unreadable(file: String)
  }

  /// Looks at the last piece of a log.
  /// - Parameter limit: bytes to look at, at most.
  static func run(_ extent: LogExtent, in folder: String, limit: Int) -> Verdict {
    guard let piece = extent.pieces.last else { return .empty }
    let descriptor = open("\(folder)/\(piece.name.text)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return .unreadable(file: piece.name.text) }
    defer { close(descriptor) }
    let start = max(0, piece.size - limit)
    guard let bytes = FileTail.bytes(of: descriptor, in: start..<piece.size) else {
      return .unreadable(file: piece.name.text)
    }
    let isWholeLog = start == 0 && piece.name.firstSeq == 1
    return check(
      bytes, file: piece.name.text, start: start,
      after: isWholeLog ? [UInt8](repeating: 0x30, count: 64)[...] : nil)
  }

  /// Checks lines against each other.
  /// - Parameter first: the hash before the first line; nil when the first line has to give the
  ///   hash to begin with, and is not checked itself.
  private static func check(
    _ bytes: [UInt8], file: String, start: Int, after first: ArraySlice<UInt8>?
  ) -> Verdict {
    var previous = first
    var index = 0
    var lines = 0
    if start > 0 {
      // The cut goes through a line: begin behind it.
      guard let feed = bytes.firstIndex(of: 0x0A) else { return .unfinished }
      index = feed + 1
    }
    while index < bytes.count {
      guard let feed = bytes[index...].firstIndex(of: 0x0A) else { return .unfinished }
      let line = bytes[index..<feed]
      guard let hash = storedHash(line) else {
        return .broken(file: file, offset: start + index)
      }
      if let previous, computedHash(line, after: previous) != hash {
        return .broken(file: file, offset: start + index)
      }
      previous = hash
      lines += 1
      index = feed + 1
    }
    return .sound(lines: lines)
  }

  /// The 64 digits in `,"hash":"…"}` at the end of a line.
  private static func storedHash(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard line.count > Layout.hashFieldLength, line.suffix(2).elementsEqual("\"}".utf8) else {
      return nil
    }
    let field = line.suffix(Layout.hashFieldLength)
    guard field.starts(with: ",\"hash\":\"".utf8) else { return nil }
    return field.dropFirst(9).dropLast(2)
  }

  private static func computedHash(
    _ line: ArraySlice<UInt8>, after previous: ArraySlice<UInt8>
  ) -> ArraySlice<UInt8> {
    var hash = SHA256()
    hash.update(Array(previous))
    hash.update(Array(line.dropLast(Layout.hashFieldLength)))
    return Array(hash.finalize().hex.utf8)[...]
  }
}
