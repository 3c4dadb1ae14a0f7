import Digest
import JSON
import Rails
import Testing

/// An invoice that was paid, and tokens for it made without the ring's own code.
struct PaidInvoice {
  let secret = LiveSecret(id: "l402-1", bytes: Array("ring-secret-1".utf8))
  let older = LiveSecret(id: "l402-0", bytes: Array("ring-secret-0".utf8))
  let ring: L402KeyRing
  let preimage: Preimage
  let identifier: L402Identifier

  init() throws {
    ring = try L402KeyRing([secret, older])
    preimage = try #require(
      Preimage(
        bytes: bytes("07193a462bfe0cd602cd8a941ca1bef47814b89229ba86c20da8fd63f529e506")))
    identifier = try #require(
      L402Identifier(paymentHash: preimage.paymentHash, tokenID: Array(0..<32)))
  }

  /// A token signed by a secret, with these caveats.
  func token(_ caveats: [String], secret: String = "ring-secret-1") throws -> Macaroon {
    let root = HMACSHA256.authenticate(
      key: Array(secret.utf8), message: Array("l402-root".utf8) + identifier.binary)
    var macaroon = try Macaroon(
      rootKey: root.bytes, identifier: identifier.binary, location: nil)
    for caveat in caveats { macaroon = try macaroon.adding(Array(caveat.utf8)) }
    return macaroon
  }

  func credential(_ caveats: [String], secret: String = "ring-secret-1") throws
    -> L402Credential
  {
    try L402Credential(macaroon: try token(caveats, secret: secret), preimage: preimage)
  }

  func check(
    _ caveats: [String], service: Text = "svc_a", capability: Text? = nil, at now: Int64 = 1_000
  ) throws -> Outcome {
    Outcome(
      ring.check(
        try credential(caveats), for: L402Access(service: service, capability: capability),
        at: now))
  }
}

/// A verdict whose grant can be written down in a test.
enum Outcome: Equatable {
  case granted(tier: UInt8?, capabilities: [Text]?, validUntil: Int64?)
  case refused(L402Refusal)

  init(_ verdict: L402Verdict) {
    switch verdict {
    case .granted(let grant):
      self = .granted(
        tier: grant.scope.tier, capabilities: grant.scope.capabilities,
        validUntil: grant.scope.validUntil)
    case .refused(let refusal): self = .refused(refusal)
    }
  }
}
