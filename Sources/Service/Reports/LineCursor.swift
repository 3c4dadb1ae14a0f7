import Ledger

/// A place in the lines of a chunk, for a reader that knows what must come next.
///
/// Every line ends in a line feed, and 64 readable bytes follow the last one. Nothing here accepts
/// a line feed, so the cursor never leaves the line that it began in, and no end is asked for.
/// Traps: never.
struct LineCursor {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  /// The next byte that has not been read.
  private(set) var here: UnsafePointer<UInt8>

  @inline(__always)
  init(_ start: UnsafePointer<UInt8>) { here = start }

  /// Moves past the word when it stands here; it holds at most 32 bytes.
  ///
  /// With a literal the compared words become constants.
  @inline(__always)
  mutating func take(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    let (left, right) = (UnsafeRawPointer(here), UnsafeRawPointer(word.utf8Start))
    if count >= 8 {
      var index = 0
      while index < count {
        let start = min(index, count &- 8)
        if left.loadUnaligned(fromByteOffset: start, as: UInt64.self)
          != right.loadUnaligned(fromByteOffset: start, as: UInt64.self)
        {
          return false
        }
        index &+= 8
      }
    } else if count >= 4 {
      let last = count &- 4
      if left.loadUnaligned(as: UInt32.self) != right.loadUnaligned(as: UInt32.self)
        || left.loadUnaligned(fromByteOffset: last, as: UInt32.self)
          != right.loadUnaligned(fromByteOffset: last, as: UInt32.self)
      {
        return false
      }
    } else {
      for index in 0..<count where here[index] != word.utf8Start[index] { return false }
    }
    here += count
    return true
  }

  /// Moves past the rest of a string and its quote, when all of it is plain ASCII.
  @inline(__always)
  mutating func plain() -> Bytes? {
    let start = here
    var count = LineCursor.plainCount(here)
    if count == 16 { count = LineCursor.longPlainCount(here) }
    guard start[count] == 0x22 else { return nil }
    here = start + (count &+ 1)
    return Bytes(start: start, count: count)
  }

  /// Moves past an identifier and its quote: 1 to 128 bytes of `[A-Za-z0-9._:-]` and `_`.
  @inline(__always)
  mutating func identifier() -> Bytes? {
    let start = here
    var count = 0
    while count <= 128 {
      let more = LineCursor.identifierCount(start + count)
      count &+= more
      if more < 16 { break }
    }
    guard count >= 1, count <= 128, start[count] == 0x22 else { return nil }
    here = start + (count &+ 1)
    return Bytes(start: start, count: count)
  }

  /// Moves past 64 lower-case hex digits and a quote.
  @inline(__always)
  mutating func hash() -> Bool {
    let raw = UnsafeRawPointer(here)
    let isHex =
      LineCursor.hexDigits(raw, 0) .& LineCursor.hexDigits(raw, 16)
      .& LineCursor.hexDigits(raw, 32) .& LineCursor.hexDigits(raw, 48)
    let words = unsafeBitCast(isHex, to: SIMD2<UInt64>.self)
    // Only behind 64 digits is the quote certain to lie in readable memory.
    guard words[0] & words[1] == .max, here[64] == 0x22 else { return false }
    here += 65
    return true
  }

  /// Moves past a number of 1 to 18 digits without a needless zero.
  @inline(__always)
  mutating func natural() -> Int64? {
    let digits = LineCursor.load8(here) ^ Digits.zeros
    let wrong = Digits.wrong(digits)
    guard wrong != 0 else { return longNatural() }
    let count = wrong.trailingZeroBitCount &>> 3
    guard count > 0, count == 1 || here[0] != 0x30 else { return nil }
    here += count
    return Int64(Digits.value(digits &<< UInt64(64 &- count &* 8)))
  }

  @inline(never)
  private mutating func longNatural() -> Int64? {
    guard here[0] != 0x30 else { return nil }
    var value: Int64 = 0
    var count = 0
    while here[count] &- 0x30 < 10 {
      guard count < 18 else { return nil }
      value = value * 10 + Int64(here[count] &- 0x30)
      count += 1
    }
    here += count
    return value
  }

  /// Moves past a time and its quote.
  @inline(__always)
  mutating func moment(_ times: inout TimeCache) -> Int64? {
    guard let moment = times.milliseconds(here), here[24] == 0x22 else { return nil }
    here += 25
    return moment
  }

  /// Moves past the code of an asset and its quote.
  @inline(__always)
  mutating func asset() -> Asset? {
    if take("USDC\"") { return .usdc }
    if take("BTC\"") { return .btc }
    if take("EURC\"") { return .eurc }
    if take("USDT\"") { return .usdt }
    if take("ETH\"") { return .eth }
    return take("DAI\"") ? .dai : nil
  }
}

/// What is found out about sixteen bytes at once.
extension LineCursor {
  @inline(__always)
  private static func load8(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
  }

  /// Bytes before the first that a plain ASCII string cannot hold, at most 16: a quote, a
  /// backslash, a control byte, or one from 0x80.
  @inline(__always)
  private static func plainCount(_ bytes: UnsafePointer<UInt8>) -> Int {
    // Signed, so that one comparison finds the bytes from 0x80 along with the control bytes.
    typealias Vector = SIMD16<Int8>
    let text = UnsafeRawPointer(bytes).loadUnaligned(as: Vector.self)
    return first(
      (text .== Vector(repeating: 0x22)) .| (text .== Vector(repeating: 0x5C))
        .| (text .< Vector(repeating: 0x20)))
  }

  /// Plain bytes of a string that has at least sixteen.
  @inline(never)
  private static func longPlainCount(_ bytes: UnsafePointer<UInt8>) -> Int {
    var count = 16
    while true {
      let more = plainCount(bytes + count)
      count &+= more
      if more < 16 { return count }
    }
  }

  /// Bytes before the first that an identifier cannot hold, at most 16.
  @inline(__always)
  private static func identifierCount(_ bytes: UnsafePointer<UInt8>) -> Int {
    typealias Vector = SIMD16<UInt8>
    let text = UnsafeRawPointer(bytes).loadUnaligned(as: Vector.self)
    let lower = text | Vector(repeating: 0x20)
    let isLetter = (lower &- Vector(repeating: 0x61)) .< Vector(repeating: 26)
    // The colon follows the digits, and the point the dash.
    let isDigit = (text &- Vector(repeating: 0x30)) .< Vector(repeating: 11)
    let isMark =
      ((text &- Vector(repeating: 0x2D)) .< Vector(repeating: 2))
      .| (text .== Vector(repeating: 0x5F))
    return first(.!(isLetter .| isDigit .| isMark))
  }

  /// The index of the first byte that is marked, or 16.
  @inline(__always)
  private static func first(_ marked: SIMDMask<SIMD16<Int8>>) -> Int {
    let words = unsafeBitCast(marked, to: SIMD2<UInt64>.self)
    if words[0] != 0 { return UInt64(littleEndian: words[0]).trailingZeroBitCount &>> 3 }
    if words[1] != 0 { return 8 &+ UInt64(littleEndian: words[1]).trailingZeroBitCount &>> 3 }
    return 16
  }

  /// Which of 16 bytes are lower-case hex digits.
  @inline(__always)
  private static func hexDigits(
    _ bytes: UnsafeRawPointer, _ offset: Int
  ) -> SIMDMask<SIMD16<Int8>> {
    typealias Vector = SIMD16<UInt8>
    let text = bytes.loadUnaligned(fromByteOffset: offset, as: Vector.self)
    return ((text &- Vector(repeating: 0x30)) .< Vector(repeating: 10))
      .| ((text &- Vector(repeating: 0x61)) .< Vector(repeating: 6))
  }
}
