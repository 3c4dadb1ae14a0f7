internal import Digest
internal import HTTP
internal import JSON
internal import Ledger

extension GatewayResponseRecorded {
  /// The answer as it was sent the first time, but for the header that says so.
  func response(replayed: Bool) -> Response {
    var headers = Headers(self.headers)
    headers.append("Idempotency-Replayed", replayed ? "true" : "false")
    var response = Response(status: status, headers: headers, body: body.bytes)
    response.annotation = replayed ? Daemon.replayMark : Daemon.paidMark
    return response
  }
}

extension Headers {
  /// Recorded ones, in the order in which they were sent.
  init(_ recorded: [GatewayResponseRecorded.Header]) {
    self.init()
    for header in recorded { append(header.name.string, header.value.string) }
  }
}

extension RecordedBody {
  /// The bytes as they were sent.
  var bytes: [UInt8] {
    switch self {
    case .text(let text): Array(text.string.utf8)
    case .base64(let text): Base64.decode(text.string) ?? []
    }
  }
}

extension Response {
  /// 409: the key names another request.
  static func conflict(requestID: String) -> Response {
    var out = JSONWriter(reserving: 256)
    out.beginObject()
    out.key("error")
    out.beginObject()
    out.field("code", "IDEMPOTENCY_CONFLICT")
    out.field(
      "message", "Idempotency-Key has already been used with a different request payload.")
    out.field("field", "idempotencyKey")
    out.endObject()
    out.field("requestId", requestID)
    out.endObject()
    var response = Response(status: 409, contentType: "application/json", body: out.bytes)
    response.annotation = "IDEMPOTENCY_CONFLICT"
    return response
  }

  /// 403: a spending policy says no; trying again changes nothing.
  static func capExceeded(
    _ code: StaticString, _ facts: [(StaticString, Text)], _ request: Request
  ) -> Response {
    var out = JSONWriter(reserving: 384)
    out.beginObject()
    out.key("error")
    out.beginObject()
    out.field("code", code)
    out.field(
      "message", "A spending cap refuses this payment. Pay less, or have the cap raised.")
    out.key("x402")
    out.beginObject()
    for (name, value) in facts { out.field(name, value) }
    out.endObject()
    out.endObject()
    out.field("requestId", request.requestID)
    out.endObject()
    var response = Response(status: 403, contentType: "application/json", body: out.bytes)
    response.annotation = "\(code)"
    return response
  }
}

extension Problem {
  static let gatewayNotConfigured = Problem(
    status: 503, code: "NOT_READY", detail: "The ledger is not ready yet. Try again in a moment.",
    retryAfterSeconds: 1)
  static let internalError = Problem(
    status: 500, code: "INTERNAL_ERROR",
    detail: "An unexpected fault. Send the same request again with the same Idempotency-Key.")
  static let noSuchReceipt = Problem(
    status: 404, code: "RECEIPT_NOT_FOUND", detail: "There is no receipt of this id.")
  static let diskLow = Problem(
    status: 503, code: "DISK_LOW",
    detail: "The ledger's disk is nearly full, so no new payment is taken. Nothing was charged.",
    retryAfterSeconds: 60)
  static let paymentsDisabled = Problem(
    status: 503, code: "PAYMENTS_DISABLED",
    detail: "Payments are switched off by the operator. Nothing was charged.",
    retryAfterSeconds: 60)
  static let tooLarge = Problem(
    status: 413, code: "TOO_LARGE",
    detail: "What would have to be recorded is too large for the log. Nothing was charged.")
  /// 429: the client has used up its requests for now.
  static func rateLimited(seconds: Int) -> Problem {
    Problem(
      status: 429, code: "RATE_LIMITED", detail: "Too many requests. Slow down and try again.",
      retryAfterSeconds: seconds)
  }
  static let tokenMissing = Problem(
    status: 401, code: "UNAUTHORIZED",
    detail: "Writing needs Authorization: Bearer with the token in data/secrets/operator-token.")
  static let unauthorized = Problem(
    status: 401, code: "UNAUTHORIZED",
    detail:
      "This path needs a loopback client or Authorization: Bearer with the token in "
      + "data/secrets/operator-token.")
}

extension Unavailable {
  var problem: Problem {
    switch self {
    case .diskLost: .ledgerUnavailable
    case .tooLarge: .tooLarge
    }
  }
}
