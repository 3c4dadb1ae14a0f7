public import Digest
public import JSON

/// What an L402 macaroon is about: the invoice to be paid, and one token of it. Public.
///
/// Source: lightninglabs/L402 `identifier.go`: 66 bytes, big endian, `u16 version = 0 |
/// payment_hash[32] | token_id[32]`.
public struct L402Identifier: Hashable, Sendable {
  /// SHA-256 of the preimage that proves the payment.
  public let paymentHash: SHA256Digest
  /// 32 bytes that come from the shell's source of randomness.
  public let tokenID: [UInt8]

  /// Nil unless the token id has exactly 32 bytes.
  public init?(paymentHash: SHA256Digest, tokenID: [UInt8]) {
    guard tokenID.count == 32 else { return nil }
    self.paymentHash = paymentHash
    self.tokenID = tokenID
  }

  /// Reads the identifier of a macaroon.
  public init(binary bytes: [UInt8]) throws(L402IdentifierFault) {
    guard bytes.count >= 2 else { throw .length }
    guard bytes[0] == 0, bytes[1] == 0 else { throw .version }
    guard bytes.count == 66, let hash = SHA256Digest(bytes: Array(bytes[2..<34])) else {
      throw .length
    }
    paymentHash = hash
    tokenID = Array(bytes[34...])
  }

  /// The 66 bytes.
  public var binary: [UInt8] { [0, 0] + paymentHash.bytes + tokenID }
}

/// Why the identifier of a macaroon is none of L402.
public enum L402IdentifierFault: Error, Hashable, Sendable, CaseIterable {
  /// Not 66 bytes.
  case length
  /// A version other than 0.
  case version

  /// A promise to clients that never changes.
  public var code: Text {
    switch self {
    case .length: "IDENTIFIER_LENGTH"
    case .version: "IDENTIFIER_VERSION"
    }
  }
}
