import Glibc
import Journal
import Ledger

/// `tollbook log grep`: the lines that contain a text, byte for byte.
enum LogGrep {
  /// 0 when something was found, 4 when nothing was.
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let pattern = Array((context.parsed.arguments.first ?? "").utf8)
    let limit = context.parsed.count("count") ?? .max
    if context.parsed.has("access") { return try access(context, pattern, limit) }
    let book = try LogTail.wantedBook(context)
    guard let folder = try LogFolder(context.ledgerFolder) else { return .notFound }
    let reader = try folder.reader()
    var found = 0
    do throws(JournalError) {
      try reader.lines(from: 1, until: .end) { line in
        guard LogGrep.contains(line.bytes, pattern), LogTail.belongs(line.bytes, to: book) else {
          return true
        }
        context.output.write(line.bytes)
        context.output.write([0x0A])
        found += 1
        return found < limit && !context.output.isReaderGone
      }
    } catch {
      throw CommandStop(error)
    }
    return found > 0 ? .ok : .notFound
  }

  /// Searches the request lines instead; they are no part of the ledger.
  private static func access(
    _ context: CommandContext, _ pattern: [UInt8], _ limit: Int
  ) throws(CommandStop) -> ExitStatus {
    let path = "\(context.home)/logs/genesis.log"
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      guard errno == ENOENT else {
        throw CommandStop(.diskLost, "cannot read \(path): \(String(cString: strerror(errno)))")
      }
      return .notFound
    }
    defer { close(descriptor) }
    var found = 0
    var rest: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 262_144)
    while found < limit, !context.output.isReaderGone {
      let count = read(descriptor, &block, block.count)
      guard count > 0 else { break }
      rest.append(contentsOf: block[..<count])
      let used = rest.withUnsafeBytes { bytes in
        var start = 0
        while found < limit, let end = bytes.lineEnd(from: start) {
          let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
          if contains(line, pattern) {
            context.output.write(line)
            found += 1
          }
          start = end
        }
        return start
      }
      rest.removeSubrange(..<used)
    }
    return found > 0 ? .ok : .notFound
  }

  /// Whether the bytes contain the pattern.
  static func contains(_ bytes: UnsafeRawBufferPointer, _ pattern: [UInt8]) -> Bool {
    guard let first = pattern.first else { return true }
    return pattern.withUnsafeBytes { pattern in
      var start = 0
      while start + pattern.count <= bytes.count, let base = bytes.baseAddress,
        let wanted = pattern.baseAddress,
        let hit = memchr(base + start, Int32(first), bytes.count - start - pattern.count + 1)
      {
        if memcmp(hit, wanted, pattern.count) == 0 { return true }
        start = UnsafeRawPointer(hit) - base + 1
      }
      return false
    }
  }
}
