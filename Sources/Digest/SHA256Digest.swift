/// The 32 bytes that SHA-256 makes of a message.
///
/// Kept as four numbers: digests are compared, hashed and copied far more often than printed.
/// `==` is not constant in time; for secrets compare `bytes` by `constantTimeEqual`.
public struct SHA256Digest: Hashable, Sendable {
  // SHA256Lanes lets CDigest write these four in place: no fifth property, no other order.
  private let word0: UInt64
  private let word1: UInt64
  private let word2: UInt64
  private let word3: UInt64

  /// 32 zero bytes: what the chain of a new ledger begins with.
  public static let zero = SHA256Digest(0, 0, 0, 0)

  /// Takes the digest's four groups of eight bytes as big-endian numbers.
  init(_ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
    self.word0 = word0
    self.word1 = word1
    self.word2 = word2
    self.word3 = word3
  }

  /// Takes the digest's bytes as they are; nil unless there are exactly 32.
  public init?(bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 32 else { return nil }
    func word(_ index: Int) -> UInt64 {
      UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
    }
    self.init(word(0), word(1), word(2), word(3))
  }

  /// Takes the digest's bytes as they are; nil unless there are exactly 32.
  public init?(bytes: [UInt8]) {
    let digest = bytes.withUnsafeBytes { SHA256Digest(bytes: $0) }
    guard let digest else { return nil }
    self = digest
  }

  /// Reads 64 hexadecimal digits; nil on any other length, an upper-case or a foreign byte.
  public init?(hex: UnsafeRawBufferPointer) {
    guard hex.count == 64 else { return nil }
    func word(_ index: Int) -> UInt64? {
      guard
        let high = HexDigits.value(
          of: hex.loadUnaligned(fromByteOffset: 16 * index, as: UInt64.self)),
        let low = HexDigits.value(
          of: hex.loadUnaligned(fromByteOffset: 16 * index + 8, as: UInt64.self))
      else { return nil }
      return UInt64(high) << 32 | UInt64(low)
    }
    guard let word0 = word(0), let word1 = word(1), let word2 = word(2), let word3 = word(3)
    else { return nil }
    self.init(word0, word1, word2, word3)
  }

  /// The 32 bytes in the order in which FIPS 180-4 prints them.
  public var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      raw.storeBytes(of: word0.bigEndian, toByteOffset: 0, as: UInt64.self)
      raw.storeBytes(of: word1.bigEndian, toByteOffset: 8, as: UInt64.self)
      raw.storeBytes(of: word2.bigEndian, toByteOffset: 16, as: UInt64.self)
      raw.storeBytes(of: word3.bigEndian, toByteOffset: 24, as: UInt64.self)
      count = 32
    }
  }

  /// The 64 lower-case hexadecimal digits.
  public var hex: String {
    String(unsafeUninitializedCapacity: 64) { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      writeHex(into: start)
      return 64
    }
  }

  /// Writes the 64 lower-case hexadecimal digits to 64 writable bytes, any alignment.
  public func writeHex(into target: UnsafeMutablePointer<UInt8>) {
    let raw = UnsafeMutableRawPointer(target)
    func write(_ word: UInt64, at offset: Int) {
      let high = HexDigits.digits(of: UInt32(truncatingIfNeeded: word >> 32))
      let low = HexDigits.digits(of: UInt32(truncatingIfNeeded: word))
      raw.storeBytes(of: high, toByteOffset: offset, as: UInt64.self)
      raw.storeBytes(of: low, toByteOffset: offset + 8, as: UInt64.self)
    }
    write(word0, at: 0)
    write(word1, at: 16)
    write(word2, at: 32)
    write(word3, at: 48)
  }
}
