import Digest
public import JSON

/// The root secrets of L402 tokens; the first signs, all of them verify.
///
/// A token's root key and an invoice's preimage are both derived, so none is ever stored:
/// root key = HMAC-SHA256(secret, `l402-root` || identifier), preimage = HMAC-SHA256(secret,
/// `preimage` || invoice id). The prefixes keep the two apart: an identifier begins with a zero.
public struct L402KeyRing: Sendable {
  private let first: LiveSecret
  private let others: [LiveSecret]

  /// - Throws: `L402KeyRingFault`, so that a ring never holds a key that anybody can guess.
  public init(_ secrets: [LiveSecret]) throws(L402KeyRingFault) {
    guard let first = secrets.first else { throw .noSecret }
    var ids: Set<Text> = []
    for secret in secrets {
      guard !secret.bytes.isEmpty else { throw .emptySecret(id: secret.id) }
      guard ids.insert(secret.id).inserted else { throw .repeatedID(secret.id) }
    }
    self.first = first
    others = Array(secrets.dropFirst())
  }

  /// The key that signs new tokens; recorded with the invoice.
  public var signingKeyID: Text { first.id }

  /// The preimage of an invoice; nil when the key of its day is no longer in the ring.
  public func preimage(invoiceID: Text, keyID: Text) -> Preimage? {
    all.first { $0.id == keyID }.map { secret in
      Preimage(derived("preimage", Array(invoiceID.string.utf8), from: secret))
    }
  }

  /// Mints a token for an invoice, signed by the signing key.
  ///
  /// - Throws: `MacaroonFault.tooLong` when the terms do not fit.
  public func mint(
    _ identifier: L402Identifier, terms: L402Terms
  ) throws(MacaroonFault) -> Macaroon {
    var macaroon = try Macaroon(
      rootKey: rootKey(of: identifier.binary, from: first), identifier: identifier.binary,
      location: Array("lsat".utf8))
    for caveat in terms.caveats { macaroon = try macaroon.adding(caveat) }
    return macaroon
  }

  /// Which key signed a macaroon; nil when none of the ring did. Every key is tried.
  public func keyID(signing macaroon: Macaroon) -> Text? {
    var found: Text?
    for secret in all {
      let isSigned = macaroon.isSigned(by: rootKey(of: macaroon.identifier, from: secret))
      if isSigned, found == nil { found = secret.id }
    }
    return found
  }

  private var all: [LiveSecret] { [first] + others }

  private func rootKey(of identifier: [UInt8], from secret: LiveSecret) -> [UInt8] {
    derived("l402-root", identifier, from: secret).bytes
  }

  private func derived(
    _ purpose: String, _ message: [UInt8], from secret: LiveSecret
  ) -> SHA256Digest {
    HMACSHA256.authenticate(key: secret.bytes, message: Array(purpose.utf8) + message)
  }
}

/// Why secrets make no key ring.
public enum L402KeyRingFault: Error, Hashable, Sendable {
  case noSecret
  case emptySecret(id: Text)
  case repeatedID(Text)

  /// A promise to operators that never changes.
  public var code: Text {
    switch self {
    case .noSecret: "L402_NO_SECRET"
    case .emptySecret: "L402_EMPTY_SECRET"
    case .repeatedID: "L402_REPEATED_KEY_ID"
    }
  }
}
