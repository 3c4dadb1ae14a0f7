public import Digest

/// A bearer token that its holder can narrow, but not widen: caveats under a chain of HMACs.
///
/// Source: go-macaroon v2, `crypto.go`. First-party caveats only, as nobody discharges others here.
/// It is a secret of its bearer: its description says nothing. Location is not authenticated.
public struct Macaroon: Equatable, Sendable {
  /// Bytes of the longest macaroon that is made or read.
  public static let maximumBytes = 8_192
  /// The most caveats that are made or read.
  public static let maximumCaveats = 64

  /// A hint for the holder; nil when its packet is left out, which is not the same as empty.
  public let location: [UInt8]?
  /// Names the root key; public.
  public let identifier: [UInt8]
  /// In the order in which they were added.
  public private(set) var caveats: [[UInt8]]
  /// What only who knows the root key, or the signature one caveat before, can make.
  public private(set) var signature: SHA256Digest

  /// Takes what a decoder read; whether the signature is right is a question for `isSigned`.
  init(
    location: [UInt8]?, identifier: [UInt8], caveats: [[UInt8]], signature: SHA256Digest
  ) {
    self.location = location
    self.identifier = identifier
    self.caveats = caveats
    self.signature = signature
  }

  /// Mints a macaroon without caveats.
  ///
  /// - Throws: `MacaroonFault.tooLong`.
  public init(
    rootKey: [UInt8], identifier: [UInt8], location: [UInt8]?
  ) throws(MacaroonFault) {
    self.init(
      location: location, identifier: identifier, caveats: [],
      signature: Macaroon.firstSignature(rootKey: rootKey, identifier: identifier))
    guard encodedCount <= Macaroon.maximumBytes else { throw .tooLong }
  }

  /// The same token with one caveat more; needs no key.
  ///
  /// - Throws: `MacaroonFault.tooManyCaveats` or `.tooLong`.
  public func adding(_ caveat: [UInt8]) throws(MacaroonFault) -> Macaroon {
    guard caveats.count < Macaroon.maximumCaveats else { throw .tooManyCaveats }
    var narrowed = self
    narrowed.caveats.append(caveat)
    narrowed.signature = HMACSHA256.authenticate(key: signature.bytes, message: caveat)
    guard narrowed.encodedCount <= Macaroon.maximumBytes else { throw .tooLong }
    return narrowed
  }

  /// Whether the chain of HMACs from this root key ends in the signature; in constant time.
  ///
  /// Says nothing about what the caveats demand.
  public func isSigned(by rootKey: [UInt8]) -> Bool {
    var expected = Macaroon.firstSignature(rootKey: rootKey, identifier: identifier)
    for caveat in caveats {
      expected = HMACSHA256.authenticate(key: expected.bytes, message: caveat)
    }
    return constantTimeEqual(expected.bytes, signature.bytes)
  }

  /// HMAC of the identifier under HMAC(`macaroons-key-generator`, root key).
  private static func firstSignature(rootKey: [UInt8], identifier: [UInt8]) -> SHA256Digest {
    let derived = HMACSHA256.authenticate(
      key: Array("macaroons-key-generator".utf8), message: rootKey)
    return HMACSHA256.authenticate(key: derived.bytes, message: identifier)
  }
}

extension Macaroon: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "Macaroon(\(caveats.count) caveats)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
