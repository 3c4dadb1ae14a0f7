/// Why bytes are not a request that we take; the connection is closed after the answer.
public struct ParseFailure: Error, Equatable, Sendable {
  /// The status to answer with: 400, 408, 413, 414, 417, 431, 501, 503 or 505.
  public let status: Int
  /// The stable name of the error.
  public let code: String
  /// A sentence that says what is wrong, without any of the sender's bytes.
  public let reason: String

  static func bad(_ reason: String) -> ParseFailure {
    ParseFailure(status: 400, code: "BAD_REQUEST", reason: reason)
  }

  static let requestLineTooLong = ParseFailure(
    status: 414, code: "URI_TOO_LONG", reason: "The request line is longer than the limit.")

  static let headersTooLarge = ParseFailure(
    status: 431, code: "HEADERS_TOO_LARGE",
    reason: "The header fields are larger or more than the limit.")

  static let bodyTooLarge = ParseFailure(
    status: 413, code: "BODY_TOO_LARGE", reason: "The body is larger than the limit.")

  static let version = ParseFailure(
    status: 505, code: "HTTP_VERSION_NOT_SUPPORTED", reason: "Speak HTTP/1.1 or HTTP/1.0.")

  static let transferCoding = ParseFailure(
    status: 501, code: "NOT_IMPLEMENTED", reason: "The only transfer coding taken is chunked.")

  static let expectation = ParseFailure(
    status: 417, code: "EXPECTATION_FAILED", reason: "The only expectation is 100-continue.")

  static let headTimeout = ParseFailure(
    status: 408, code: "REQUEST_TIMEOUT", reason: "The request head did not arrive in time.")

  static let bodyTimeout = ParseFailure(
    status: 408, code: "REQUEST_TIMEOUT", reason: "The request body did not arrive in time.")

  static let overloaded = ParseFailure(
    status: 503, code: "OVERLOADED",
    reason: "Too many request bodies are in memory; try again in a moment.")
}
