package import HTTP

/// One request to somebody else's server.
package struct OutsideRequest: Equatable, Sendable {
  package var method: Method
  /// Absolute, `https://` or `http://`.
  package var url: String
  /// May hold secrets; they are sent and appear nowhere else. Of a repeated field the values are
  /// joined by commas.
  package var headers: Headers
  /// At most `OutsideRequest.largestBody` bytes; empty for GET and HEAD.
  package var body: [UInt8]
  /// For everything: looking up the name, connecting, sending, reading. 1 to 600,000.
  package var deadlineMilliseconds: Int
  /// Bytes of the answer's body that are still taken, 1 to `OutsideRequest.largestBody`.
  package var maxBytes: Int

  /// 2 MiB: what a frame of the courier carries in any encoding.
  package static let largestBody = 2 << 20

  package init(
    method: Method, url: String, headers: Headers, body: [UInt8], deadlineMilliseconds: Int,
    maxBytes: Int
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.deadlineMilliseconds = deadlineMilliseconds
    self.maxBytes = maxBytes
  }

  /// Whether both ways out can carry it.
  var isInRange: Bool {
    let takesNoBody = method == .get || method == .head
    return (1...600_000).contains(deadlineMilliseconds)
      && (1...Self.largestBody).contains(maxBytes)
      && body.count <= (takesNoBody ? 0 : Self.largestBody)
  }
}

/// What a call is about, for its line in the logs.
package struct OutsidePurpose: Equatable, Sendable {
  /// The provider's name, e.g. `facilitator`.
  package var provider: String
  /// What is asked, e.g. `settle`.
  package var operation: String
  /// The payment or invoice that the call is about.
  package var subject: String
  /// 1 for the first attempt.
  package var attempt: Int

  package init(provider: String, operation: String, subject: String, attempt: Int) {
    self.provider = provider
    self.operation = operation
    self.subject = subject
    self.attempt = attempt
  }
}
