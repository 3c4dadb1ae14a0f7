public import JSON

/// One webhook as it came in: the values of its headers, each line by itself, and the raw body.
public struct WebhookDelivery: Sendable {
  /// `webhook-id` or `svix-id`; looked at by `standard` only.
  public let id: [Text]
  /// `webhook-timestamp` or `svix-timestamp`; looked at by `standard` only.
  public let timestamp: [Text]
  /// The header with the signatures.
  public let signature: [Text]
  /// Before any parsing, decoding or trimming.
  public let body: [UInt8]

  public init(id: [Text], timestamp: [Text], signature: [Text], body: [UInt8]) {
    self.id = id
    self.timestamp = timestamp
    self.signature = signature
    self.body = body
  }
}
