internal import JSON
internal import Ledger

/// Says in the log itself that lines are missing from it.
struct DroppedLine: LogFileLine {
  let at: Timestamp
  let lines: Int

  func write(into writer: inout JSONWriter) {
    writer.time(at)
    writer.field("event", "log.dropped")
    writer.field("level", "warning")
    writer.field("message", "error: the log could not keep up, so lines were left out")
    writer.field("lines", lines)
  }
}
