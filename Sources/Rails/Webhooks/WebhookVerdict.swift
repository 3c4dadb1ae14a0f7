public import JSON

/// Whether a webhook comes from who knows a live secret.
public enum WebhookVerdict: Equatable, Sendable {
  case verified(WebhookProof)
  case refused(WebhookRefusal)
}

/// What a good signature vouches for.
public struct WebhookProof: Equatable, Sendable {
  /// The secret that matched, the first one in the order of the secrets.
  public let keyID: Text
  /// The provider's name for the event; nil where the signature does not cover one.
  public let eventID: Text?
  /// Unix seconds; nil where the signature does not cover a time.
  public let signedAt: Int64?
}

/// Why a webhook is not believed; each is a 401, and its id must not be recorded as seen.
public enum WebhookRefusal: Error, Hashable, Sendable {
  /// Not one secret is configured.
  case noSecret
  /// A configured secret is empty, or has not the form of its scheme: all are refused until the
  /// configuration is mended.
  case unusableSecret(id: Text)
  /// A header that the scheme needs is not there.
  case missingHeader
  /// A header stands there more than once.
  case repeatedHeader
  /// The id is empty, too long, not visible ASCII, or has a point in it.
  case malformedID
  /// The timestamp is not plain Unix seconds.
  case malformedTimestamp
  /// The header is too long, or not of the form of its scheme.
  case malformedSignature
  /// More signatures are listed than `WebhookVerifier.maximumSignatures`.
  case tooManySignatures
  /// No listed signature is by a live secret.
  case mismatch
  /// Signed by this key, but too long ago: a replay, or a clock that is wrong.
  case tooOld(signedAt: Int64, keyID: Text)
  /// Signed by this key, but too far ahead: a clock that is wrong.
  case tooNew(signedAt: Int64, keyID: Text)

  /// A promise to clients that never changes.
  public var code: Text {
    switch self {
    case .noSecret: "WEBHOOK_NO_SECRET"
    case .unusableSecret: "WEBHOOK_UNUSABLE_SECRET"
    case .missingHeader: "WEBHOOK_MISSING_HEADER"
    case .repeatedHeader: "WEBHOOK_REPEATED_HEADER"
    case .malformedID: "WEBHOOK_MALFORMED_ID"
    case .malformedTimestamp: "WEBHOOK_MALFORMED_TIMESTAMP"
    case .malformedSignature: "WEBHOOK_MALFORMED_SIGNATURE"
    case .tooManySignatures: "WEBHOOK_TOO_MANY_SIGNATURES"
    case .mismatch: "WEBHOOK_SIGNATURE_MISMATCH"
    case .tooOld: "WEBHOOK_TOO_OLD"
    case .tooNew: "WEBHOOK_TOO_NEW"
    }
  }
}
