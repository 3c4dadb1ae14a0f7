public import JSON

/// What a presented credential is good for.
public enum L402Verdict: Equatable, Sendable {
  case granted(L402Grant)
  case refused(L402Refusal)
}

/// A credential that opens a service; holds nothing secret.
public struct L402Grant: Equatable, Sendable {
  /// The key that signed it.
  public let keyID: Text
  public let identifier: L402Identifier
  public let scope: L402Scope
}

/// Why a readable credential opens nothing; each is a 401, never a new invoice.
public enum L402Refusal: Error, Hashable, Sendable {
  /// The preimage is not the one of the payment hash: this invoice was not paid by its bearer.
  case preimageMismatch
  /// No key of the ring signed it: forged, altered, or older than the keys.
  case notSigned
  /// A caveat of a known condition that cannot be read.
  case malformedCaveat(Text)
  /// A caveat that allows more than the one of the same condition before it.
  case widenedCaveat(Text)
  case serviceNotCovered(Text)
  case capabilityNotCovered(Text)
  /// The first Unix second that was too late.
  case expired(at: Int64)

  /// A promise to clients that never changes.
  public var code: Text {
    switch self {
    case .preimageMismatch: "INVALID_PREIMAGE"
    case .notSigned: "INVALID_MACAROON"
    case .malformedCaveat: "INVALID_CAVEAT"
    case .widenedCaveat: "WIDENED_CAVEAT"
    case .serviceNotCovered: "INVALID_SERVICE"
    case .capabilityNotCovered: "INVALID_CAPABILITY"
    case .expired: "EXPIRED_CREDENTIAL"
    }
  }
}

extension L402KeyRing {
  /// Checks one credential: preimage, then signature, then caveats.
  ///
  /// In this order, so that who has not paid learns nothing about keys and caveats.
  /// - Parameter now: Unix seconds; a token is valid while `now < valid_until`.
  public func check(
    _ credential: L402Credential, for access: L402Access, at now: Int64
  ) -> L402Verdict {
    do throws(L402Refusal) {
      guard credential.preimage.opens(credential.identifier.paymentHash) else {
        throw .preimageMismatch
      }
      guard let keyID = keyID(signing: credential.macaroon) else { throw .notSigned }
      var narrowing = L402Narrowing(
        service: access.service, paymentHash: credential.identifier.paymentHash)
      for caveat in credential.macaroon.caveats { try narrowing.take(caveat) }
      let scope = try narrowing.scope(for: access, at: now)
      return .granted(
        L402Grant(keyID: keyID, identifier: credential.identifier, scope: scope))
    } catch {
      return .refused(error)
    }
  }
}
