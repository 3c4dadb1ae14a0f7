public import JSON

/// A SHA-256 as the core holds it: 32 bytes in four big-endian words.
///
/// The core does not hash; fingerprints come in with a Submission or from a line.
public struct Fingerprint: Hashable, Sendable {
  public let words: (UInt64, UInt64, UInt64, UInt64)

  public init(_ words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  /// Reads exactly 64 lower-case hex digits.
  public init?(hex bytes: Span<UInt8>) {
    guard bytes.count == 64, let first = Fingerprint.word(bytes, 0),
      let second = Fingerprint.word(bytes, 16), let third = Fingerprint.word(bytes, 32),
      let fourth = Fingerprint.word(bytes, 48)
    else { return nil }
    words = (first, second, third, fourth)
  }

  /// Whether these are exactly 64 lower-case hex digits.
  public static func isHex(_ bytes: Span<UInt8>) -> Bool {
    typealias Vector = SIMD16<UInt8>
    guard bytes.count == 64 else { return false }
    var others = Vector(repeating: 0)
    for start in stride(from: 0, to: 64, by: 16) {
      let block = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: Vector.self)
      // Compared with vectors, not scalars: only that is compiled to SIMD.
      let digits = block &- Vector(repeating: 0x30) .< Vector(repeating: 10)
      let letters = block &- Vector(repeating: 0x61) .< Vector(repeating: 6)
      let allowed = unsafe unsafeBitCast(digits .| letters, to: Vector.self)
      others |= ~allowed
    }
    return others == Vector(repeating: 0)
  }

  private static func word(_ bytes: Span<UInt8>, _ start: Int) -> UInt64? {
    let raw = unsafe bytes.extracting(start..<(start + 16)).bytes
    let high = unsafe raw.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
    let low = unsafe raw.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self)
    guard let high = nibbles(high), let low = nibbles(low) else { return nil }
    return UInt64(high) << 32 | UInt64(low)
  }

  /// The value of eight lower-case hex digits, the first in the lowest byte; nil for anything else.
  ///
  /// All eight at once: a digit is 0x30...0x39, or 0x61...0x66, whose bit 0x40 says so.
  @inline(__always)
  private static func nibbles(_ word: UInt64) -> UInt32? {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let letters = word >> 6 & ones
    // Seven-bit lanes: adding moves a byte past its last allowed value into bit 7.
    let base = word &- (0x30 &* ones) &- (letters &* 0x31)
    let limit = (0x76 &* ones) &+ (letters &* 0x04)
    guard word & (0x80 &* ones) == 0, base & (0x80 &* ones) == 0,
      (base &+ limit) & (0x80 &* ones) == 0
    else { return nil }
    let digits = base &+ (letters &* 10)
    let pairs = (digits & 0x000F_000F_000F_000F) << 4 | (digits >> 8 & 0x000F_000F_000F_000F)
    let folded = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF
    return UInt32(truncatingIfNeeded: folded | folded >> 16).byteSwapped
  }

  /// Appends 64 lower-case hex digits.
  public func writeHex(into bytes: inout [UInt8]) {
    for word in [words.0, words.1, words.2, words.3] {
      for shift in stride(from: UInt64(60), through: 0, by: -4) {
        let digit = UInt8(truncatingIfNeeded: word >> shift & 15)
        bytes.append(digit < 10 ? 0x30 &+ digit : 87 &+ digit)
      }
    }
  }

  public var hex: Text {
    var bytes: [UInt8] = []
    writeHex(into: &bytes)
    return Text(String(decoding: bytes, as: UTF8.self))
  }

  public static func == (left: Fingerprint, right: Fingerprint) -> Bool {
    left.words == right.words
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}

/// The hash of a transaction on its chain: the EVM form in 32 bytes, any other as text.
public enum ChainHash: Hashable, Sendable {
  /// `0x` and 64 lower-case hex digits.
  case evm(Fingerprint)
  case other(Text)

  /// Takes a hash as given; an EVM hash is folded to lower case, as chains do not tell case apart.
  public init(_ text: Text) {
    let bytes = Array(text.asciiLowercased.string.utf8)
    if bytes.count == 66, bytes[0] == 0x30, bytes[1] == 0x78,
      let hash = Fingerprint(hex: bytes.span.extracting(2..<66))
    {
      self = .evm(hash)
    } else {
      self = .other(text)
    }
  }

  init(bytes: Span<UInt8>) {
    if bytes.count == 66, bytes[0] == 0x30, bytes[1] == 0x78,
      let hash = Fingerprint(hex: bytes.extracting(2..<66))
    {
      self = .evm(hash)
    } else {
      self = .other(Text(String(copying: bytes)))
    }
  }

  public var text: Text {
    switch self {
    case .evm(let hash): Text("0x" + hash.hex.string)
    case .other(let text): text
    }
  }
}
