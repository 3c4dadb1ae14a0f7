import Digest
import JSON

/// Checks the signatures of one provider's webhooks against every live secret.
///
/// Fails closed: without a secret, or with one that cannot be used, nothing is believed.
public struct WebhookVerifier: Sendable {
  /// How far a signed time may lie from ours, both sides, this many seconds included.
  ///
  /// Source: the reference libraries of Standard Webhooks and of Stripe.
  public static let toleranceSeconds: Int64 = 300
  /// The most signatures of one delivery that are looked at.
  public static let maximumSignatures = 16
  /// Bytes of the longest header that is looked at.
  public static let maximumHeaderBytes = 4_096

  /// A live secret, ready for a message.
  private struct Key {
    let id: Text
    let code: HMACSHA256
  }

  private let scheme: WebhookScheme
  private let keys: [Key]
  private let defect: WebhookRefusal?

  /// - Parameter secrets: the order decides only which one is named when two match.
  public init(scheme: WebhookScheme, secrets: [LiveSecret]) {
    self.scheme = scheme
    var keys: [Key] = []
    var defect: WebhookRefusal? = secrets.isEmpty ? .noSecret : nil
    for secret in secrets {
      if let bytes = WebhookVerifier.key(secret.bytes, scheme), !bytes.isEmpty {
        keys.append(Key(id: secret.id, code: HMACSHA256(key: bytes)))
      } else if defect == nil {
        defect = .unusableSecret(id: secret.id)
      }
    }
    self.keys = keys
    self.defect = defect
  }

  /// Why this verifier refuses every delivery; nil when its secrets can be used.
  public var configurationFault: WebhookRefusal? { defect }

  /// Checks a delivery: its form, then its signature, then its time.
  ///
  /// The signature comes before the time, so that a clock that is wrong is not taken for forgery.
  /// - Parameter now: Unix seconds.
  public func check(_ delivery: WebhookDelivery, at now: Int64) -> WebhookVerdict {
    if let defect { return .refused(defect) }
    do throws(WebhookRefusal) {
      let signed = try SignedDelivery(delivery, scheme)
      guard let keyID = keyID(signing: signed, delivery.body) else { throw .mismatch }
      if let signedAt = signed.signedAt {
        let age = Int128(now) - Int128(signedAt)
        let tolerance = Int128(WebhookVerifier.toleranceSeconds)
        guard age <= tolerance else { throw .tooOld(signedAt: signedAt, keyID: keyID) }
        guard age >= -tolerance else { throw .tooNew(signedAt: signedAt, keyID: keyID) }
      }
      return .verified(
        WebhookProof(keyID: keyID, eventID: signed.eventID, signedAt: signed.signedAt))
    } catch {
      return .refused(error)
    }
  }

  /// Every secret with every listed signature, whether one has matched or not.
  private func keyID(signing signed: SignedDelivery, _ body: [UInt8]) -> Text? {
    var found: Text?
    for key in keys {
      var code = key.code
      code.update(signed.prefix)
      code.update(body)
      let expected = code.finalize().bytes
      for signature in signed.signatures {
        let isEqual = constantTimeEqual(expected, signature)
        if isEqual, found == nil { found = key.id }
      }
    }
    return found
  }

  /// The key that a configured secret stands for; nil when it has not the form of the scheme.
  private static func key(_ secret: [UInt8], _ scheme: WebhookScheme) -> [UInt8]? {
    switch scheme {
    case .standard:
      let mark = Array("whsec_".utf8)
      return Base64.decode(secret.starts(with: mark) ? Array(secret.dropFirst(mark.count)) : secret)
    case .stripe, .prefixedHex, .bareHex:
      return secret
    }
  }
}

extension WebhookVerifier: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
  /// Says nothing of the keys: also what an HMAC keeps of one is enough to sign.
  public var description: String { "WebhookVerifier(\(scheme), \(keys.count) keys)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
