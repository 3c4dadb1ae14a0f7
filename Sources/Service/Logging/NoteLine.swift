internal import JSON
package import Ledger

/// A sentence for the operator in `logs/genesis.log`: a start, a notice, an error.
package struct NoteLine: Sendable {
  /// How much it matters.
  package enum Level: String, Sendable {
    case info
    case warning
    case error
  }

  package var at: Timestamp
  package var level: Level
  /// A dotted name, e.g. `server.started`, to search by.
  package var event: String
  /// One sentence without secrets; at most 1,024 bytes are kept.
  package var message: String
  /// Names one request, if the note is about one.
  package var requestID: String?

  package init(
    at: Timestamp, level: Level, event: String, message: String, requestID: String?
  ) {
    self.at = at
    self.level = level
    self.event = event
    self.message = message
    self.requestID = requestID
  }
}

extension NoteLine: LogFileLine {
  func write(into writer: inout JSONWriter) {
    writer.time(at)
    writer.text("event", event, limit: 128)
    writer.field("level", level.rawValue)
    writer.text("message", message, limit: 1_024)
    if let requestID { writer.text("requestId", requestID, limit: 128) }
  }
}
