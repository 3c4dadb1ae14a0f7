import Ledger

/// Eight decimal digits at a time, the first of them in the lowest byte of a word.
enum Digits {
  /// `00000000`.
  static let zeros: UInt64 = 0x3030_3030_3030_3030

  /// The highest bit of each byte that is no digit; true up to the lowest such byte.
  ///
  /// `digits` are text from which `zeros` were taken with an exclusive or.
  @inline(__always)
  static func wrong(_ digits: UInt64) -> UInt64 {
    ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
  }

  /// The number that eight bytes from 0 to 9 write.
  @inline(__always)
  static func value(_ digits: UInt64) -> UInt64 {
    let pairs = digits &* 10 &+ (digits &>> 8)
    let mask: UInt64 = 0x0000_00FF_0000_00FF
    // 100 and 1,000,000 for the first and third pair, 1 and 10,000 for the others.
    let first = (pairs & mask) &* 0x000F_4240_0000_0064
    let second = ((pairs &>> 16) & mask) &* 0x0000_2710_0000_0001
    return (first &+ second) &>> 32
  }

  /// The number that 1 to 8 bytes write; nil when one is no digit. The 8 bytes before the end of
  /// them must be readable.
  @inline(__always)
  static func number(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64? {
    let word = UnsafeRawPointer(bytes).loadUnaligned(
      fromByteOffset: count &- 8, as: UInt64.self)
    let unused = UInt64(64 &- count &* 8)
    let digits = ((UInt64(littleEndian: word) ^ zeros) &>> unused) &<< unused
    return wrong(digits) == 0 ? value(digits) : nil
  }

  /// Atomic units of a decimal at exactly the asset's scale, with at most 8 digits before the
  /// point and no needless zero; nil for any other.
  @inline(__always)
  static func units(_ bytes: UnsafeBufferPointer<UInt8>, _ asset: Asset) -> Int128? {
    let scale = asset.scale
    let point = bytes.count &- scale &- 1
    guard let base = bytes.baseAddress, point >= 1, point <= 8, base[point] == 0x2E,
      point == 1 || base[0] != 0x30, let whole = number(base, point)
    else { return nil }
    var fraction: UInt64 = 0
    var place = point &+ 1
    while place < bytes.count {
      let count = min(8, bytes.count &- place)
      guard let part = number(base + place, count) else { return nil }
      fraction = fraction &* power(count) &+ part
      place &+= count
    }
    let (high, low) = whole.multipliedFullWidth(by: power(scale))
    return Int128(high) &<< 64 &+ Int128(low) &+ Int128(fraction)
  }

  @inline(__always)
  private static func power(_ exponent: Int) -> UInt64 {
    switch exponent {
    case 6: 1_000_000
    case 8: 100_000_000
    case 11: 100_000_000_000
    case 18: 1_000_000_000_000_000_000
    default: (0..<exponent).reduce(1) { power, _ in power &* 10 }
    }
  }
}
