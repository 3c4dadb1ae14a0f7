internal import Digest
package import HTTP
package import JSON
package import Ledger
package import Rails

/// What came of running what is paid for.
package enum SaleResult: Sendable {
  /// The answer, of a status below 400, to be recorded and given once the money has moved.
  case answer(GatewayAnswer)
  /// It failed: this goes to the client, and nothing is charged.
  case failed(Response)
}

/// One thing that is sold for signed payments.
package struct X402Sale: Sendable {
  /// Method and pattern, e.g. `POST /agent/task`.
  package let route: Text
  package let offer: X402Offer
  /// The scope of idempotency keys: the route, but for keys that shall not outlive a run.
  package let keyScope: Text
  /// Whether the body counts by its meaning or by its bytes.
  package let isJSON: Bool
  /// Makes the answer; may block its thread for so many milliseconds.
  package let handler:
    @Sendable (_ request: Request, _ receipt: ReceiptID, _ milliseconds: Int64) -> SaleResult

  package init(
    route: Text, offer: X402Offer, keyScope: Text, isJSON: Bool,
    handler: @escaping @Sendable (Request, ReceiptID, Int64) -> SaleResult
  ) {
    self.route = route
    self.offer = offer
    self.keyScope = keyScope
    self.isJSON = isJSON
    self.handler = handler
  }

  /// The same with another reason in its offer.
  func offer(saying error: Text) -> X402Offer {
    X402Offer(terms: offer.terms, resource: offer.resource, error: error)
  }
}

extension X402Settings {
  /// What one thing is offered for; nil when nobody is named who is paid.
  func offer(
    _ policy: GatewayPolicy, price: Money, _ flow: PaymentFlow, path: String,
    _ description: Text, mimeType: Text
  ) -> X402Offer? {
    guard let chain = X402Network.named(policy.network.name), let coin = chain.coin,
      let receiver = policy.receiver
    else { return nil }
    let terms = X402Terms(
      network: chain, coin: coin, amount: price, payTo: receiver,
      maxTimeoutSeconds: maxTimeoutSeconds, flow: flow)
    let resource = X402Resource(
      url: Text(publicURL + path), description: description, mimeType: mimeType)
    return X402Offer(terms: [terms], resource: resource, error: "Payment required")
  }
}

extension GatewayAnswer {
  /// What may be recorded of headers, in lower case: what says how to read the body.
  private static let headerNames: Set<String> = [
    "content-type", "content-language", "content-disposition", "content-encoding", "etag",
    "last-modified", "link", "location", "vary",
  ]
  private static let headerBytes = 16_384
  package static let bodyBytes = 524_288

  /// A response as it is recorded; nil when it is too large.
  package init?(recording response: Response) {
    guard response.body.count <= GatewayAnswer.bodyBytes else { return nil }
    var headers: [GatewayResponseRecorded.Header] = []
    var size = 0
    for (name, value) in response.headers.all {
      let name = Text(name).asciiLowercased
      guard GatewayAnswer.headerNames.contains(name.string) else { continue }
      size += name.utf8Count + value.utf8.count
      headers.append(.init(name: name, value: Text(value)))
    }
    guard size <= GatewayAnswer.headerBytes else { return nil }
    self.init(status: response.status, headers: headers, body: RecordedBody(response.body))
  }
}

extension RecordedBody {
  /// Text when it is UTF-8 and, escaped, not longer than its base64.
  init(_ bytes: [UInt8]) {
    let escaped = bytes.reduce(0) { $0 + RecordedBody.escapedCount($1) }
    let base64 = (bytes.count + 2) / 3 * 4
    if escaped <= base64 || bytes.isEmpty, let text = Text(utf8: bytes) {
      self = .text(text)
    } else {
      self = .base64(Text(Base64.encode(bytes)))
    }
  }

  /// Bytes of one byte inside a canonical JSON string.
  private static func escapedCount(_ byte: UInt8) -> Int {
    switch byte {
    case 0x22, 0x5C, 0x08, 0x09, 0x0A, 0x0C, 0x0D: 2
    case 0..<0x20: 6
    default: 1
    }
  }
}
