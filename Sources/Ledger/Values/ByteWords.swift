/// Compares and hashes bytes eight at a time.
enum ByteWords {
  /// Differs from run to run: taken from the standard library's seeded hasher.
  private static let seed = UInt64(bitPattern: Int64(Hasher().finalize()))
  private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Whether two spans of the same length hold the same bytes.
  static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    let count = left.count
    guard count == right.count else { return false }
    var index = 0
    while index + 8 <= count {
      guard word(left, index) == word(right, index) else { return false }
      index += 8
    }
    while index < count {
      guard left[index] == right[index] else { return false }
      index += 1
    }
    return true
  }

  /// A hash by multiply and fold (the construction of wyhash), keyed by the process's seed.
  static func hash(_ bytes: Span<UInt8>) -> UInt32 {
    var state = seed ^ UInt64(truncatingIfNeeded: bytes.count)
    var index = 0
    while index + 8 <= bytes.count {
      state = fold(state ^ word(bytes, index))
      index += 8
    }
    var rest: UInt64 = 0
    while index < bytes.count {
      rest = rest << 8 | UInt64(bytes[index])
      index += 1
    }
    state = fold(state ^ rest)
    return UInt32(truncatingIfNeeded: state ^ state >> 32)
  }

  /// A hash of two words, keyed as above.
  @inline(__always)
  static func hash(_ first: UInt64, _ second: UInt64) -> UInt32 {
    let state = fold(fold(seed ^ first) ^ second)
    return UInt32(truncatingIfNeeded: state ^ state >> 32)
  }

  @inline(__always)
  private static func fold(_ value: UInt64) -> UInt64 {
    let product = (value ^ seed).multipliedFullWidth(by: factor)
    return product.high ^ product.low
  }

  @inline(__always)
  static func word(_ bytes: Span<UInt8>, _ index: Int) -> UInt64 {
    unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
  }
}
