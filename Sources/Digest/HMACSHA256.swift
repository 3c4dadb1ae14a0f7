/// A keyed SHA-256: only who knows the key can make or check the code of a message.
///
/// Source: RFC 2104, tested by RFC 4231. A value: keep one that has only seen its key, and copy
/// it for each message, to save two blocks a message. Compare codes by `constantTimeEqual`.
public struct HMACSHA256: Sendable {
  private var inner = SHA256()
  private var outer = SHA256()

  /// Starts an empty message. Any key length; a key of more than 64 bytes is hashed first.
  public init(key: [UInt8]) {
    let short = key.count > 64 ? SHA256.hash(key).bytes : key
    let padded = short + [UInt8](repeating: 0, count: 64 - short.count)
    inner.update(padded.map { $0 ^ 0x36 })
    outer.update(padded.map { $0 ^ 0x5c })
  }

  /// Appends bytes to the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    inner.update(bytes)
  }

  /// Appends bytes to the message.
  public mutating func update(_ bytes: [UInt8]) {
    inner.update(bytes)
  }

  /// Returns the code of the message; the value must not be used afterwards.
  public mutating func finalize() -> SHA256Digest {
    outer.update(inner.finalize().bytes)
    return outer.finalize()
  }

  /// The code of a whole message.
  public static func authenticate(key: [UInt8], message: [UInt8]) -> SHA256Digest {
    var code = HMACSHA256(key: key)
    code.update(message)
    return code.finalize()
  }
}
