import Digest
public import JSON

/// A token and the preimage that was presented with it; nothing of it is checked yet.
public struct L402Credential: Sendable {
  public let macaroon: Macaroon
  public let identifier: L402Identifier
  public let preimage: Preimage

  public init(macaroon: Macaroon, preimage: Preimage) throws(L402IdentifierFault) {
    identifier = try L402Identifier(binary: macaroon.identifier)
    self.macaroon = macaroon
    self.preimage = preimage
  }

  /// Reads the form that carries its preimage as a caveat: headers `Macaroon` and
  /// `Grpc-Metadata-Macaroon`, hexadecimal digits of either case.
  public init(macaroonHex text: Text) throws(L402CredentialFault) {
    guard text.utf8Count <= 2 * Macaroon.maximumBytes else { throw .macaroon(.tooLong) }
    guard let bytes = Hex.decode(text.string, acceptingUpperCase: true) else { throw .tokenText }
    let macaroon = try L402Credential.macaroon(bytes)
    let stated = macaroon.caveats.compactMap(L402Caveat.init).last {
      $0.isAbout(L402Caveat.preimage)
    }
    guard let stated else { throw .noPreimage }
    guard let preimage = Preimage(hex: stated.value) else { throw .preimageText }
    try self.init(reading: macaroon, preimage)
  }

  /// Reads one token in base64: either alphabet, padded or not, but not a mixture.
  init(token: ArraySlice<UInt8>, preimage: Preimage) throws(L402CredentialFault) {
    guard token.count <= (Macaroon.maximumBytes + 2) / 3 * 4 else { throw .macaroon(.tooLong) }
    let isURL = token.contains { $0 == 0x2D || $0 == 0x5F }
    let bytes = Base64.decode(
      Array(token), alphabet: isURL ? .url : .standard,
      padding: token.last == 0x3D ? .required : .forbidden)
    guard let bytes, !bytes.isEmpty else { throw .tokenText }
    try self.init(reading: try L402Credential.macaroon(bytes), preimage)
  }

  private init(reading macaroon: Macaroon, _ preimage: Preimage) throws(L402CredentialFault) {
    do throws(L402IdentifierFault) {
      try self.init(macaroon: macaroon, preimage: preimage)
    } catch {
      throw .identifier(error)
    }
  }

  private static func macaroon(_ bytes: [UInt8]) throws(L402CredentialFault) -> Macaroon {
    do throws(MacaroonFault) {
      return try Macaroon(binary: bytes)
    } catch {
      throw .macaroon(error)
    }
  }

  /// Whether both present the very same bytes.
  func isSame(as other: L402Credential) -> Bool {
    macaroon == other.macaroon && constantTimeEqual(preimage.bytes, other.preimage.bytes)
  }
}

/// Why an `Authorization` of ours cannot be read; each is answered with a new challenge.
public enum L402CredentialFault: Error, Hashable, Sendable {
  /// No colon, or no caveat, with a preimage.
  case noPreimage
  /// The preimage is not 64 hexadecimal digits.
  case preimageText
  /// The token is not base64 (in its other form: not hexadecimal).
  case tokenText
  /// More than `L402Claim.maximumTokens`.
  case tooManyTokens
  case macaroon(MacaroonFault)
  case identifier(L402IdentifierFault)

  /// A promise to clients that never changes.
  public var code: Text {
    switch self {
    case .noPreimage: "L402_NO_PREIMAGE"
    case .preimageText: "L402_PREIMAGE_FORM"
    case .tokenText: "L402_TOKEN_FORM"
    case .tooManyTokens: "L402_TOO_MANY_TOKENS"
    case .macaroon(let fault): fault.code
    case .identifier(let fault): fault.code
    }
  }
}
