/// One answer; the server adds Date, Content-Length, Connection and X-Request-Id.
public struct Response: Sendable, Equatable {
  /// 200 to 599.
  public var status: Int
  /// Sent in order, but for those that the server writes itself.
  public var headers: Headers
  /// The whole body; not sent for HEAD, 204 and 304.
  public var body: [UInt8]

  /// A word for the completion hook, such as an error code; never sent.
  public var annotation: String?

  /// An answer with exactly these parts.
  public init(status: Int, headers: Headers, body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// An answer without a body.
  public init(status: Int) { self.init(status: status, headers: Headers(), body: []) }

  /// An answer with a body of the media type.
  public init(status: Int, contentType: String, body: [UInt8]) {
    self.init(status: status, headers: ["Content-Type": contentType], body: body)
  }

  /// A UTF-8 `text/plain` answer.
  public static func text(_ status: Int, _ text: String) -> Response {
    Response(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
  }
}
