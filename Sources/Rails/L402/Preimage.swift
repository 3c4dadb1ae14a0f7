public import Digest

/// The 32 secret bytes that a payer of an invoice learns by paying; never logged, never stored.
///
/// No `==`: whether it is the right one is asked of its hash. It shows in no description.
public struct Preimage: Sendable {
  let bytes: [UInt8]

  /// Nil unless there are exactly 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// Takes what an HMAC made.
  init(_ digest: SHA256Digest) { bytes = digest.bytes }

  /// Reads 64 hexadecimal digits of either case.
  init?(hex: some Sequence<UInt8>) {
    guard let bytes = Hex.decode(Array(hex), acceptingUpperCase: true) else { return nil }
    self.init(bytes: bytes)
  }

  /// SHA-256 of the preimage: what the invoice asks for. Public.
  public var paymentHash: SHA256Digest { SHA256.hash(bytes) }

  /// Whether it is the preimage of this hash; in constant time.
  public func opens(_ hash: SHA256Digest) -> Bool {
    constantTimeEqual(paymentHash.bytes, hash.bytes)
  }

  /// Hands out the secret bytes, for the provider that makes the invoice and for nothing else.
  public func reveal() -> [UInt8] { bytes }
}

extension Preimage: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "Preimage" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
