extension JSONWriter {
  /// Writes comma, name and colon, then lets `body` fill the room after them.
  ///
  /// `body` gets a pointer to `capacity` writable bytes and returns how many of them it used.
  @inlinable @inline(__always)
  mutating func append(
    key name: StaticString, reserving capacity: Int,
    _ body: (UnsafeMutablePointer<UInt8>) -> Int
  ) {
    let length = name.utf8CodeUnitCount
    let comma = needsComma
    // 4 bytes more than the name: comma, two quotes, colon.
    bytes.append(addingCapacity: length &+ 4 &+ capacity) { (output: inout OutputSpan<UInt8>) in
      output.withUnsafeMutableBufferPointer { buffer, count in
        guard let base = buffer.baseAddress else { return }
        var next = base
        next.pointee = 0x2C
        if comma { next += 1 }
        next[0] = 0x22
        (next + 1).update(from: name.utf8Start, count: length)
        next += length &+ 1
        next[0] = 0x22
        next[1] = 0x3A
        next += 2
        count = next - base &+ body(next)
      }
    }
  }

  /// Writes a quoted string; the comma, where one is needed, is written already.
  @usableFromInline
  mutating func quoted(_ text: UnsafeBufferPointer<UInt8>) {
    var copied = 0
    bytes.append(addingCapacity: text.count &+ 2) { (output: inout OutputSpan<UInt8>) in
      output.withUnsafeMutableBufferPointer { buffer, count in
        guard let base = buffer.baseAddress else { return }
        (copied, count) = PlainCopy.quoted(text, to: base)
      }
    }
    if copied < text.count { appendRest(of: text, from: copied) }
  }

  /// Appends what a plain copy has left over, and the closing quote.
  @inline(never)
  @usableFromInline
  mutating func appendRest(of text: UnsafeBufferPointer<UInt8>, from start: Int) {
    appendEscaped(text[start...])
    bytes.append(0x22)
  }

  /// Appends text with its escapes but without quotes.
  private mutating func appendEscaped(_ text: Slice<UnsafeBufferPointer<UInt8>>) {
    var plain = text.startIndex
    for index in text.indices {
      let byte = text[index]
      guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
      bytes.append(contentsOf: text[plain..<index])
      plain = index + 1
      bytes.append(0x5C)
      switch byte {
      case 0x08: bytes.append(0x62)
      case 0x09: bytes.append(0x74)
      case 0x0A: bytes.append(0x6E)
      case 0x0C: bytes.append(0x66)
      case 0x0D: bytes.append(0x72)
      case 0x22, 0x5C: bytes.append(byte)
      default:
        let low = byte & 0x0F
        bytes.append(contentsOf: [
          0x75, 0x30, 0x30, 0x30 + byte >> 4, low < 10 ? 0x30 + low : 0x61 + low - 10,
        ])
      }
    }
    bytes.append(contentsOf: text[plain...])
  }

  /// Appends an integer in decimal.
  @usableFromInline
  mutating func decimal(_ value: Int64) {
    bytes.append(addingCapacity: Decimal64.longest) { (output: inout OutputSpan<UInt8>) in
      output.withUnsafeMutableBufferPointer { buffer, count in
        guard let base = buffer.baseAddress else { return }
        count = Decimal64.write(value, to: base)
      }
    }
  }
}

/// Writes 64-bit integers as decimal digits.
@usableFromInline
enum Decimal64 {
  /// Bytes of the longest one: a sign and 19 digits.
  @usableFromInline static let longest = 20

  /// Writes at most `longest` bytes and returns their number.
  @usableFromInline
  static func write(_ value: Int64, to output: UnsafeMutablePointer<UInt8>) -> Int {
    var rest = value.magnitude
    var length = 1
    var bound: UInt64 = 10
    while length < 19, rest >= bound {
      length += 1
      bound &*= 10
    }
    let sign = value < 0 ? 1 : 0
    output[0] = 0x2D
    var index = sign + length
    while index > sign {
      index -= 1
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      output[index] = 0x30 + UInt8(truncatingIfNeeded: digit)
      rest = quotient
    }
    return sign + length
  }
}
