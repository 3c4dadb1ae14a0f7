import JSON

/// Takes the state's canonical words, in a fixed order, and hands their bytes on in blocks.
///
/// Two states are the same exactly when they feed the same bytes; the shell hashes them.
public struct StateSink {
  private var words: [UInt64]
  private var count = 0
  private let drain: ([UInt8]) -> Void
  /// Bytes to a block; the last one is shorter.
  public static let blockSize = 65_536

  /// - Parameter drain: called with each full block, and at the end with the rest.
  public init(drain: @escaping ([UInt8]) -> Void) {
    self.drain = drain
    words = Array(repeating: 0, count: StateSink.blockSize / 8)
  }

  @inline(__always)
  mutating func word(_ value: UInt64) {
    words[count] = value.littleEndian
    count += 1
    if count == words.count { flush() }
  }

  @inline(__always)
  mutating func word(_ value: Int) { word(UInt64(bitPattern: Int64(value))) }

  mutating func wide(_ value: Int128) {
    word(UInt64(truncatingIfNeeded: value))
    word(UInt64(truncatingIfNeeded: value >> 64))
  }

  mutating func moment(_ value: Timestamp?) {
    word(UInt64(bitPattern: value?.milliseconds ?? .min))
  }

  mutating func fingerprint(_ value: Fingerprint) {
    word(value.words.0)
    word(value.words.1)
    word(value.words.2)
    word(value.words.3)
  }

  /// The length first, so that neighbours cannot run together; zeros up to the next whole word.
  mutating func bytes(_ value: Span<UInt8>) {
    word(value.count)
    var index = 0
    while index + 8 <= value.count {
      word(ByteWords.word(value, index).littleEndian)
      index += 8
    }
    guard index < value.count else { return }
    var rest: UInt64 = 0
    var shift: UInt64 = 0
    while index < value.count {
      rest |= UInt64(value[index]) << shift
      shift += 8
      index += 1
    }
    word(rest)
  }

  mutating func text(_ value: Text) { bytes(value.string.utf8Span.span) }

  /// A text or nil, which is not the empty text.
  mutating func optional(_ value: Text?) {
    word(value == nil ? 0 : 1)
    if let value { text(value) }
  }

  /// Hands on what is left.
  mutating func finish() {
    if count > 0 { flush() }
  }

  private mutating func flush() {
    let used = words[..<count]
    drain(unsafe used.withUnsafeBytes { unsafe Array($0) })
    count = 0
  }
}
