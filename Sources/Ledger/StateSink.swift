import JSON

/// Takes the state's canonical bytes, in a fixed order, and hands them on in blocks.
///
/// Two states are the same exactly when they feed the same bytes; the shell hashes them.
public final class StateSink {
  private var buffer: [UInt8] = []
  private let drain: ([UInt8]) -> Void
  /// Bytes to a block; the last one is shorter.
  public static let blockSize = 65_536

  /// - Parameter drain: called with each full block, and by `finish()` with the rest.
  public init(drain: @escaping ([UInt8]) -> Void) {
    self.drain = drain
    buffer.reserveCapacity(StateSink.blockSize + 512)
  }

  func word(_ value: UInt64) {
    var rest = value
    for _ in 0..<8 {
      buffer.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
    if buffer.count >= StateSink.blockSize { flushBlock() }
  }

  func word(_ value: Int) { word(UInt64(bitPattern: Int64(value))) }

  func wide(_ value: Int128) {
    word(UInt64(truncatingIfNeeded: value))
    word(UInt64(truncatingIfNeeded: value >> 64))
  }

  func moment(_ value: Timestamp?) {
    word(UInt64(bitPattern: value?.milliseconds ?? .min))
  }

  func fingerprint(_ value: Fingerprint) {
    word(value.words.0)
    word(value.words.1)
    word(value.words.2)
    word(value.words.3)
  }

  /// The length first, so that neighbours cannot run together.
  func bytes(_ value: Span<UInt8>) {
    word(value.count)
    for index in value.indices { buffer.append(value[index]) }
    while buffer.count >= StateSink.blockSize { flushBlock() }
  }

  func text(_ value: Text) {
    word(value.utf8Count)
    buffer.append(contentsOf: value.string.utf8)
    while buffer.count >= StateSink.blockSize { flushBlock() }
  }

  /// A text or nil, which is not the empty text.
  func optional(_ value: Text?) {
    word(value == nil ? 0 : 1)
    if let value { text(value) }
  }

  /// Hands on what is left.
  public func finish() {
    if !buffer.isEmpty { drain(buffer) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func flushBlock() {
    drain(Array(buffer[..<StateSink.blockSize]))
    buffer.removeSubrange(..<StateSink.blockSize)
  }
}
