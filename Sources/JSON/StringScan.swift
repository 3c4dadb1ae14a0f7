/// Finds the end of a JSON string and checks each byte on the way; both readers use this one.
@usableFromInline
enum StringScan {
  /// How a string ends.
  @usableFromInline
  enum Outcome: Equatable {
    /// The closing quote stands at this index; `escaped` when there is a backslash before it.
    case closed(at: Int, escaped: Bool)
    /// The string is not one, because of the byte at this index.
    case fault(at: Int, JSONError.Reason)
  }

  /// The index of the first byte of 16 that a plain ASCII string cannot hold, or 16.
  ///
  /// Those are the quote, the backslash, control bytes, and all bytes from 0x80. Sixteen bytes
  /// must be readable.
  @inlinable @inline(__always)
  static func firstSpecial(in bytes: UnsafePointer<UInt8>) -> Int {
    // Signed comparison: bytes from 0x80 are negative, so one compare finds them along with the
    // control bytes. Comparing with a vector, not a scalar, is what gets compiled to SIMD.
    typealias Vector = SIMD16<Int8>
    let vector = UnsafeRawPointer(bytes).loadUnaligned(as: Vector.self)
    let special =
      (vector .== Vector(repeating: 0x22)) .| (vector .== Vector(repeating: 0x5C))
      .| (vector .< Vector(repeating: 0x20))
    let words = unsafeBitCast(special, to: SIMD2<UInt64>.self)
    if words[0] != 0 { return UInt64(littleEndian: words[0]).trailingZeroBitCount &>> 3 }
    if words[1] != 0 { return 8 &+ UInt64(littleEndian: words[1]).trailingZeroBitCount &>> 3 }
    return 16
  }

  /// Scans from the byte after the opening quote; no byte at or after `end` is read.
  @inline(never)
  @usableFromInline
  static func scan(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Outcome {
    var index = start
    var escaped = false
    while true {
      while index + 16 <= end {
        let plain = firstSpecial(in: bytes + index)
        index += plain
        if plain < 16 { break }
      }
      guard index < end else { return .fault(at: end, .unexpectedEnd) }
      switch bytes[index] {
      case 0x22: return .closed(at: index, escaped: escaped)
      case 0x5C:
        escaped = true
        if let fault = skipEscape(bytes, &index, end) { return fault }
      case 0x00..<0x20: return .fault(at: index, .controlByte)
      case 0x80...0xFF:
        let length = UTF8Scan.scalarLength(bytes, at: index, end: end)
        guard length > 0 else { return .fault(at: index, .invalidUTF8) }
        index += length
      default: index += 1
      }
    }
  }

  /// Moves past one escape, or past both halves of a surrogate pair; the fault when it is none.
  private static func skipEscape(
    _ bytes: UnsafePointer<UInt8>, _ index: inout Int, _ end: Int
  ) -> Outcome? {
    guard index + 1 < end else { return .fault(at: end, .unexpectedEnd) }
    switch bytes[index + 1] {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
      index += 2
      return nil
    case 0x75: break
    default: return .fault(at: index, .invalidEscape)
    }
    guard let unit = codeUnit(bytes, at: index, end: end) else {
      return .fault(at: index, .invalidEscape)
    }
    switch unit {
    case 0xD800..<0xDC00:
      guard let low = codeUnit(bytes, at: index + 6, end: end), 0xDC00..<0xE000 ~= low else {
        return .fault(at: index, .loneSurrogate)
      }
      index += 12
    case 0xDC00..<0xE000: return .fault(at: index, .loneSurrogate)
    default: index += 6
    }
    return nil
  }

  /// The UTF-16 code unit that `\uXXXX` at this index writes, nil when it is not written so.
  private static func codeUnit(
    _ bytes: UnsafePointer<UInt8>, at index: Int, end: Int
  ) -> UInt32? {
    guard index + 6 <= end, bytes[index] == 0x5C, bytes[index + 1] == 0x75 else { return nil }
    var unit: UInt32 = 0
    for digitIndex in index + 2..<index + 6 {
      let byte = bytes[digitIndex]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: return nil
      }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  /// Decodes the escapes between two indices that `scan` has found to hold a whole string.
  @inline(never)
  @usableFromInline
  static func unescaped(
    _ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int
  ) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(end - start)
    var index = start
    while index < end {
      let byte = bytes[index]
      guard byte == 0x5C, index + 1 < end else {
        result.append(byte)
        index += 1
        continue
      }
      index += 2
      switch bytes[index - 1] {
      case 0x62: result.append(0x08)
      case 0x66: result.append(0x0C)
      case 0x6E: result.append(0x0A)
      case 0x72: result.append(0x0D)
      case 0x74: result.append(0x09)
      case 0x75:
        var scalar = codeUnit(bytes, at: index - 2, end: end) ?? 0xFFFD
        index += 4
        if 0xD800..<0xDC00 ~= scalar, let low = codeUnit(bytes, at: index, end: end) {
          scalar = 0x10000 + (scalar & 0x3FF) << 10 + low & 0x3FF
          index += 6
        }
        UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}").map { result.append(contentsOf: $0) }
      case let same: result.append(same)
      }
    }
    return result
  }
}

/// Checks UTF-8 as RFC 3629 section 4 has it: no overlong forms, no surrogates, at most U+10FFFF.
enum UTF8Scan {
  /// The length in bytes of the multi-byte scalar at this index, 0 when there is no valid one.
  static func scalarLength(_ bytes: UnsafePointer<UInt8>, at index: Int, end: Int) -> Int {
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch bytes[index] {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return 0
    }
    guard index + length <= end, second ~= bytes[index + 1] else { return 0 }
    for offset in 2..<max(2, length) where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
    return length
  }
}
