private import CDigest

/// SHA-256 of one message that comes in pieces.
///
/// Source: FIPS 180-4. A value: a copy taken half-way goes its own way. Messages up to 2^61 - 1
/// bytes. Never traps on the content or the size of its input; allocates nothing.
public struct SHA256: Sendable {
  private var words = SHA256Words()
  /// The bytes behind the last whole block, `length % 64` of them.
  private var pending = InlineArray<64, UInt8>(repeating: 0)
  private var length: UInt64 = 0
  private let accelerated: Bool

  /// Starts an empty message, on the processor's SHA instructions where they proved themselves.
  public init() {
    accelerated = Kernel.shaNI.isUsable
  }

  /// Starts an empty message; `accelerated: false` is the pure Swift oracle.
  ///
  /// With `true` on a processor whose SHA instructions are missing or failed the self-test, it
  /// is the oracle all the same.
  package init(accelerated: Bool) {
    self.accelerated = accelerated && Kernel.shaNI.isUsable
  }

  /// For the self-test, which runs before it is known whether the instructions can be trusted.
  init(untestedInstructions: Bool) {
    accelerated = untestedInstructions
  }

  /// Appends bytes to the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard var rest = bytes.baseAddress else { return }
    var count = bytes.count
    let filled = Int(length % 64)
    length &+= UInt64(count)
    if filled > 0 {
      let taken = min(64 - filled, count)
      fill(from: filled, rest, count: taken)
      guard filled + taken == 64 else { return }
      absorbPending()
      rest += taken
      count -= taken
    }
    if count >= 64 {
      absorb(rest, count: count / 64)
      rest += count / 64 * 64
      count %= 64
    }
    fill(from: 0, rest, count: count)
  }

  /// Appends bytes to the message.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Appends the string's UTF-8 bytes, without normalization.
  public mutating func update(utf8 string: String) {
    var string = string
    string.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// Pads the message and returns its digest; the value must not be used afterwards.
  public mutating func finalize() -> SHA256Digest {
    let filled = Int(length % 64)
    pending[filled] = 0x80
    for index in filled + 1..<64 { pending[index] = 0 }
    if filled >= 56 {
      absorbPending()
      pending = InlineArray(repeating: 0)
    }
    let bits = (length &<< 3).bigEndian
    withUnsafeMutableBytes(of: &pending) {
      $0.storeBytes(of: bits, toByteOffset: 56, as: UInt64.self)
    }
    absorbPending()
    return SHA256Digest(
      UInt64(words.a) << 32 | UInt64(words.b), UInt64(words.c) << 32 | UInt64(words.d),
      UInt64(words.e) << 32 | UInt64(words.f), UInt64(words.g) << 32 | UInt64(words.h))
  }

  /// The digest of a message that lies in memory.
  public static func hash(_ bytes: UnsafeRawBufferPointer) -> SHA256Digest {
    var sha = SHA256()
    sha.update(bytes)
    return sha.finalize()
  }

  /// The digest of a message that lies in memory.
  public static func hash(_ bytes: [UInt8]) -> SHA256Digest {
    bytes.withUnsafeBytes { hash($0) }
  }

  /// The digest of `prefix` followed by `body`, which need not be adjacent: one chain step.
  public static func hash(
    prefix: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer
  ) -> SHA256Digest {
    var sha = SHA256()
    sha.update(prefix)
    sha.update(body)
    return sha.finalize()
  }

  private mutating func fill(from filled: Int, _ bytes: UnsafeRawPointer, count: Int) {
    withUnsafeMutableBytes(of: &pending) {
      guard count > 0, let start = $0.baseAddress else { return }
      (start + filled).copyMemory(from: bytes, byteCount: count)
    }
  }

  private mutating func absorbPending() {
    let block = pending
    withUnsafeBytes(of: block) {
      guard let start = $0.baseAddress else { return }
      absorb(start, count: 1)
    }
  }

  private mutating func absorb(_ blocks: UnsafeRawPointer, count: Int) {
    guard accelerated else { return words.absorb(blocks, count: count) }
    withUnsafeMutableBytes(of: &words) {
      cdigest_absorb_shani($0.baseAddress?.assumingMemoryBound(to: UInt32.self), blocks, count)
    }
  }
}
