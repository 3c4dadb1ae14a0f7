internal import JSON
internal import Ledger

/// Lines that wait for the log thread, bounded in bytes.
struct LogQueue {
  private let limit: Int
  private var main: JSONWriter
  private var provider: JSONWriter
  private var latest = Timestamp.earliest
  private(set) var dropped = 0
  private var unreported = 0

  /// - Parameter limit: bytes that may wait for one file; a line that would pass it is dropped.
  init(limit: Int) {
    self.limit = limit
    main = JSONWriter(reserving: 4_096)
    provider = JSONWriter()
  }

  /// Whether half of the room is taken, so that the thread should not wait for its next round.
  var isHalfFull: Bool { main.bytes.count > limit / 2 }

  /// Takes a line in, or counts it as dropped.
  mutating func add(_ line: some LogFileLine, at: Timestamp, alsoForProviders: Bool) {
    latest = at
    let isMainTaken = Self.write(line, to: &main, limit: limit)
    let isTaken =
      (!alsoForProviders || Self.write(line, to: &provider, limit: limit)) && isMainTaken
    guard !isTaken else { return }
    dropped += 1
    unreported += 1
  }

  /// Hands over all that waits and takes emptied buffers in exchange, to keep their memory.
  mutating func exchange(main: inout JSONWriter, provider: inout JSONWriter) {
    if unreported > 0,
      Self.write(DroppedLine(at: latest, lines: unreported), to: &self.main, limit: .max)
    {
      unreported = 0
    }
    swap(&self.main, &main)
    swap(&self.provider, &provider)
  }

  private static func write(
    _ line: some LogFileLine, to writer: inout JSONWriter, limit: Int
  ) -> Bool {
    let start = writer.bytes.count
    writer.beginObject()
    line.write(into: &writer)
    writer.endObject()
    writer.bytes.append(0x0A)
    guard writer.bytes.count <= limit else {
      writer.bytes.removeLast(writer.bytes.count - start)
      return false
    }
    return true
  }
}
