internal import Glibc
internal import JSON

/// A fake's book on disk: one JSON object a line, only appended to.
///
/// Survives the death of the process, not that of the machine: it is practice money.
final class FakeBookFile: Sendable {
  private let descriptor: Int32

  /// Opens a book below a home folder, gives its whole lines, and cuts an unfinished last one.
  init(_ name: String, home: String, lines: ([UInt8], Int) throws(FileError) -> Void)
    throws(FileError)
  {
    try Files.makeFolder(home + "/data/fake", mode: 0o700)
    let path = FakeBookFile.path(name, home)
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw FileError(path) }
    let end = try FakeBookFile.read(name, home: home, lines: lines)
    guard ftruncate(descriptor, off_t(end)) == 0 else { throw FileError(path) }
  }

  deinit { _ = close(descriptor) }

  /// Gives each whole line with its number; the bytes that they take.
  @discardableResult
  static func read(
    _ name: String, home: String, lines: ([UInt8], Int) throws(FileError) -> Void
  ) throws(FileError) -> Int {
    let known = try Files.read(path(name, home), limit: 4_294_967_296) ?? []
    let end = (known.lastIndex(of: 0x0A) ?? -1) + 1
    var number = 0
    for line in known[..<end].split(separator: 0x0A) {
      number += 1
      try lines(Array(line), number)
    }
    return end
  }

  /// Writes one line down.
  func append(_ out: JSONWriter) {
    let line = out.bytes + [0x0A]
    line.withUnsafeBytes { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
  }

  /// What is said of a line that is none of the book's.
  static func foreign(_ name: String, home: String, line: Int, _ what: String) -> FileError {
    FileError(path(name, home), reason: "line \(line) is not \(what)")
  }

  private static func path(_ name: String, _ home: String) -> String {
    "\(home)/data/fake/\(name)"
  }
}
