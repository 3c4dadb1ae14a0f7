public import JSON
public import Ledger

/// What a 402 tells a client: the price, where to pay, and how to come back.
public struct Offer: Sendable {
  private let policy: GatewayPolicy
  private let resource: Text

  public init(policy: GatewayPolicy, resource: Text) {
    self.policy = policy
    self.resource = resource
  }

  /// The seed's error body, `{"error":{"code","message",…,"x402":{…}},"requestId"}`.
  ///
  /// - Parameter provided: what the client paid, when it was too little.
  public func body(
    code: StaticString, message: StaticString, provided: Money?, requestID: Text
  ) -> [UInt8] {
    var out = JSONWriter(reserving: 640)
    out.beginObject()
    out.key("error")
    out.beginObject()
    out.field("code", code)
    out.field("message", message)
    if let provided { out.field("providedAmount", provided.decimal) }
    out.key("x402")
    writeTerms(to: &out)
    out.endObject()
    out.field("requestId", requestID)
    out.endObject()
    return out.bytes
  }

  private func writeTerms(to out: inout JSONWriter) {
    out.beginObject()
    out.field("resourceId", resource)
    out.key("amount")
    out.beginObject()
    out.field("currency", "USD")
    out.field("value", policy.price.decimal)
    out.endObject()
    out.field("asset", policy.price.asset.code)
    out.field("network", policy.network.name)
    out.key("receiver")
    if let receiver = policy.receiver { out.string(receiver) } else { out.null() }
    out.key("paymentHeader")
    switch policy.mode {
    case .strict: out.string("X-Payment: \(SeedPayment.expectedForm)")
    case .stub: out.string("X-Paid: true")
    case .facilitator: out.string("PAYMENT-SIGNATURE: <base64 of the signed payment>")
    }
    out.field(
      "retryHint",
      "Pay, then send the same request again with the payment header and the same Idempotency-Key.")
    out.endObject()
  }
}
