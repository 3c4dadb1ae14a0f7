internal import JSON
internal import Ledger

/// One JSON line of a log file, written by hand into the queue: no `Codable`, no intermediate text.
protocol LogFileLine {
  /// Writes the members, `ts` first; braces and line feed come from the queue.
  func write(into writer: inout JSONWriter)
}

extension JSONWriter {
  /// Writes `ts` in the log's own form.
  mutating func time(_ moment: Timestamp) {
    key("ts")
    quotedASCII { moment.write(into: &$0) }
  }

  /// Writes a member with text from outside, cut at a limit in UTF-8 bytes.
  mutating func text(_ name: StaticString, _ value: String, limit: Int) {
    // Cutting copies, so the usual short text takes the path without it.
    if value.utf8.count <= limit {
      field(name, value)
    } else {
      field(name, Text(value).cut(toUTF8Bytes: limit))
    }
  }
}
