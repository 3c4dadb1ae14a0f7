internal import JSON
package import Ledger

/// One answered request, as it stands in `logs/genesis.log` with `event=http.request.completed`.
///
/// It has room for facts only: no header values, bodies, query strings, addresses or secrets.
package struct RequestLine: Sendable {
  package var at: Timestamp
  package var requestID: String
  package var method: String
  /// Without its query, which may carry a secret.
  package var path: String
  package var status: Int
  /// From the first byte read to the answer handed over, in milliseconds.
  package var latencyMilliseconds: Int
  package var isPaid: Bool
  package var idempotencyKey: String?
  /// The error code of the answer, if it was an error.
  package var code: String?

  package init(
    at: Timestamp, requestID: String, method: String, path: String, status: Int,
    latencyMilliseconds: Int, isPaid: Bool, idempotencyKey: String?, code: String?
  ) {
    self.at = at
    self.requestID = requestID
    self.method = method
    self.path = path
    self.status = status
    self.latencyMilliseconds = latencyMilliseconds
    self.isPaid = isPaid
    self.idempotencyKey = idempotencyKey
    self.code = code
  }
}

extension RequestLine: LogFileLine {
  func write(into writer: inout JSONWriter) {
    writer.time(at)
    writer.field("event", "http.request.completed")
    writer.text("requestId", requestID, limit: 128)
    writer.text("method", method, limit: 32)
    writer.text("path", path, limit: 1_024)
    writer.field("status", status)
    writer.field("latencyMs", latencyMilliseconds)
    writer.field("paid", isPaid)
    if let idempotencyKey {
      writer.text("idempotencyKey", idempotencyKey, limit: 255)
    } else {
      writer.key("idempotencyKey")
      writer.null()
    }
    if let code { writer.text("code", code, limit: 64) }
  }
}
