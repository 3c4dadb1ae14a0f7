public import JSON

/// Why bytes are no macaroon that we take; none of the cases quotes the bytes.
public enum MacaroonFault: Error, Hashable, Sendable, CaseIterable {
  /// They end before the signature is complete.
  case truncated
  /// The first byte is not 2; version 1 of the format is refused too.
  case version
  /// A length is written with more bytes than it needs.
  case paddedLength
  /// A length or the whole is past the limits of `Macaroon`.
  case tooLong
  /// There are more caveats than `Macaroon.maximumCaveats`.
  case tooManyCaveats
  /// A packet stands where its type may not.
  case order
  /// A caveat that somebody else would have to discharge, or that names a place for it.
  case thirdParty
  /// The signature has not 32 bytes.
  case signatureLength
  /// Bytes follow the signature.
  case trailingBytes

  /// A promise to clients that never changes.
  public var code: Text {
    switch self {
    case .truncated: "MACAROON_TRUNCATED"
    case .version: "MACAROON_VERSION"
    case .paddedLength: "MACAROON_PADDED_LENGTH"
    case .tooLong: "MACAROON_TOO_LONG"
    case .tooManyCaveats: "MACAROON_TOO_MANY_CAVEATS"
    case .order: "MACAROON_ORDER"
    case .thirdParty: "MACAROON_THIRD_PARTY"
    case .signatureLength: "MACAROON_SIGNATURE_LENGTH"
    case .trailingBytes: "MACAROON_TRAILING_BYTES"
    }
  }
}
