/// Eight lower-case hexadecimal digits at a time, as one 64-bit word in memory order.
enum HexDigits {
  /// Eight digits as they stand in memory.
  @inline(__always)
  static func digits(of value: UInt32) -> UInt64 {
    var nibbles = UInt64(value)
    nibbles = (nibbles | nibbles << 16) & 0x0000_ffff_0000_ffff
    nibbles = (nibbles | nibbles << 8) & 0x00ff_00ff_00ff_00ff
    nibbles = (nibbles | nibbles << 4) & 0x0f0f_0f0f_0f0f_0f0f
    return spelled(nibbles).bigEndian
  }

  /// The value of eight digits as loaded from memory; nil if a byte is not `0-9` or `a-f`.
  @inline(__always)
  static func value(of loaded: UInt64) -> UInt32? {
    let text = UInt64(bigEndian: loaded)
    let letters = text >> 6 & 0x0101_0101_0101_0101
    // A foreign byte yields some nibble too, but no nibble is spelled like a foreign byte.
    let low = text & 0x0f0f_0f0f_0f0f_0f0f
    var nibbles = (low &+ letters &* 9) & 0x0f0f_0f0f_0f0f_0f0f
    guard spelled(nibbles) == text else { return nil }
    nibbles = (nibbles | nibbles >> 4) & 0x00ff_00ff_00ff_00ff
    nibbles = (nibbles | nibbles >> 8) & 0x0000_ffff_0000_ffff
    return UInt32(truncatingIfNeeded: nibbles | nibbles >> 16)
  }

  /// Turns eight bytes of 0 to 15 into their digits: `0` is 0x30, and `a` lies 0x27 above 9 + 1.
  @inline(__always)
  private static func spelled(_ nibbles: UInt64) -> UInt64 {
    let above9 = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return nibbles &+ 0x3030_3030_3030_3030 &+ above9 &* 0x27
  }
}
