/// An error answer as RFC 9457 describes it.
public struct Problem: Error, Equatable, Sendable {
  /// The HTTP status, also a member of the body.
  public let status: Int
  /// The stable name that clients may switch on, in UPPER_SNAKE; nil leaves it out.
  public let code: String?
  /// What went wrong and what to do next, for a person.
  public let detail: String
  /// Seconds for a `Retry-After` field; nil leaves it out.
  public let retryAfterSeconds: Int?

  /// A problem that says what went wrong and what to do next.
  public init(status: Int, code: String?, detail: String, retryAfterSeconds: Int? = nil) {
    self.status = status
    self.code = code
    self.detail = detail
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// The answer: `{"type","title","status","detail","code"?,"requestId"}`.
  public func response(requestID: String) -> Response {
    var headers: Headers = ["Content-Type": "application/problem+json"]
    if let retryAfterSeconds { headers.append("Retry-After", String(retryAfterSeconds)) }
    var text = "{\"type\":\"about:blank\",\"title\":"
    Problem.quote("\(Status.reason(status))", into: &text)
    text += ",\"status\":\(status),\"detail\":"
    Problem.quote(detail, into: &text)
    if let code {
      text += ",\"code\":"
      Problem.quote(code, into: &text)
    }
    text += ",\"requestId\":"
    Problem.quote(requestID, into: &text)
    text += "}\n"
    var response = Response(status: status, headers: headers, body: Array(text.utf8))
    response.annotation = code
    return response
  }

  /// A JSON string; only what RFC 8259 demands is escaped.
  private static func quote(_ value: String, into text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\u{0}"..<"\u{20}":
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
