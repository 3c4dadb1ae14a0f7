import Digest
public import JSON

/// What somebody wants to do with a token.
public struct L402Access: Equatable, Sendable {
  public let service: Text
  /// Nil when the service asks for none.
  public let capability: Text?

  public init(service: Text, capability: Text?) {
    self.service = service
    self.capability = capability
  }
}

/// What the caveats of a token leave of a service.
public struct L402Scope: Equatable, Sendable {
  /// The lowest that any `services` caveat names, as a later one must not raise it; nil if none
  /// does.
  public let tier: UInt8?
  /// Nil for all of them; in the order of their bytes.
  public let capabilities: [Text]?
  /// The first Unix second that is too late; nil for never.
  public let validUntil: Int64?
}

/// Folds the caveats of one token for one service: each may only narrow what the ones before left.
///
/// Anybody who holds a token can add caveats, so the last of a condition is worth nothing unless
/// it lies within the one before it. Unknown conditions are skipped, as the L402 specification
/// says; so a condition that nobody named leaves everything, as in Aperture.
struct L402Narrowing {
  private let service: Text
  private let capabilities: String
  private let validUntil: String
  private let paymentHash: SHA256Digest
  private var tiers: [Text: UInt8]?
  private var named: Set<Text>?
  private var end: Int64?

  init(service: Text, paymentHash: SHA256Digest) {
    self.service = service
    self.paymentHash = paymentHash
    capabilities = service.string + L402Caveat.capabilitiesSuffix
    validUntil = service.string + L402Caveat.validUntilSuffix
  }

  mutating func take(_ bytes: [UInt8]) throws(L402Refusal) {
    guard let caveat = L402Caveat(bytes) else { return }
    if caveat.isAbout(L402Caveat.services) {
      try narrowServices(caveat)
    } else if caveat.isAbout(capabilities) {
      guard let names = caveat.names else { throw .malformedCaveat(Text(capabilities)) }
      if let named, !names.isSubset(of: named) { throw .widenedCaveat(Text(capabilities)) }
      named = names
    } else if caveat.isAbout(validUntil) {
      guard let seconds = caveat.seconds else { throw .malformedCaveat(Text(validUntil)) }
      if let end, seconds > end { throw .widenedCaveat(Text(validUntil)) }
      end = seconds
    } else if caveat.isAbout(L402Caveat.preimage) {
      guard let preimage = Preimage(hex: caveat.value), preimage.opens(paymentHash) else {
        throw .preimageMismatch
      }
    }
  }

  private mutating func narrowServices(_ caveat: L402Caveat) throws(L402Refusal) {
    guard var found = caveat.tiers else { throw .malformedCaveat(Text(L402Caveat.services)) }
    if let tiers {
      for (name, tier) in found {
        guard let before = tiers[name] else { throw .widenedCaveat(Text(L402Caveat.services)) }
        found[name] = min(tier, before)
      }
    }
    tiers = found
  }

  /// What is left, if it covers what is wanted.
  func scope(for access: L402Access, at now: Int64) throws(L402Refusal) -> L402Scope {
    if let tiers, tiers[service] == nil { throw .serviceNotCovered(service) }
    if let capability = access.capability, let named, !named.contains(capability) {
      throw .capabilityNotCovered(capability)
    }
    if let end, now >= end { throw .expired(at: end) }
    return L402Scope(tier: tiers?[service], capabilities: named?.sorted(), validUntil: end)
  }
}
