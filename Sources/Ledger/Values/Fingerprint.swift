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

  private static func word(_ bytes: Span<UInt8>, _ start: Int) -> UInt64? {
    var value: UInt64 = 0
    for index in start..<(start + 16) {
      let byte = bytes[index]
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt64(byte &- 0x30)
      case 0x61...0x66: value = value << 4 | UInt64(byte &- 87)
      default: return nil
      }
    }
    return value
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
