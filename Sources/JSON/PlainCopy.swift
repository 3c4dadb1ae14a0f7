/// Copies text that needs no escape, sixteen bytes at a time.
@usableFromInline
enum PlainCopy {
  /// Copies the text up to somewhere before its first quote, backslash or control byte.
  ///
  /// Returns how many bytes stand in the output; less than all means that one of those bytes is
  /// there. The output must have room for the whole text.
  @inlinable @inline(__always)
  static func copy(
    _ text: UnsafeBufferPointer<UInt8>, to output: UnsafeMutablePointer<UInt8>
  ) -> Int {
    guard let base = text.baseAddress else { return 0 }
    let source = UnsafeRawPointer(base)
    let target = UnsafeMutableRawPointer(output)
    let count = text.count
    guard count >= 16 else { return copyShort(source, count, to: target) }
    var index = 0
    // The last block is moved back to end with the text, so it may copy some bytes twice.
    while true {
      let block = source.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
      guard isPlain(block) else { return index }
      target.storeBytes(of: block, toByteOffset: index, as: SIMD16<UInt8>.self)
      if index &+ 16 == count { return count }
      index = min(index &+ 16, count &- 16)
    }
  }

  /// Writes an opening quote, a plain copy, and the closing quote if all of the text was plain.
  ///
  /// Returns the bytes of the text that were copied and the bytes that now stand in the output,
  /// which must have room for two more than the text.
  @inlinable @inline(__always)
  static func quoted(
    _ text: UnsafeBufferPointer<UInt8>, to output: UnsafeMutablePointer<UInt8>
  ) -> (copied: Int, length: Int) {
    output[0] = 0x22
    let copied = copy(text, to: output + 1)
    guard copied == text.count else { return (copied, copied &+ 1) }
    output[copied &+ 1] = 0x22
    return (copied, copied &+ 2)
  }

  /// Whether none of 16 bytes needs an escape.
  @inlinable @inline(__always)
  static func isPlain(_ block: SIMD16<UInt8>) -> Bool {
    typealias Vector = SIMD16<UInt8>
    let special =
      (block .== Vector(repeating: 0x22)) .| (block .== Vector(repeating: 0x5C))
      .| (block .< Vector(repeating: 0x20))
    let words = unsafeBitCast(special, to: SIMD2<UInt64>.self)
    return words[0] | words[1] == 0
  }

  /// Copies fewer than 16 bytes as two words that overlap.
  @inlinable @inline(__always)
  static func copyShort(
    _ source: UnsafeRawPointer, _ count: Int, to target: UnsafeMutableRawPointer
  ) -> Int {
    if count >= 8 {
      return copyEnds(source, count, to: target, as: UInt64.self)
    } else if count >= 4 {
      return copyEnds(source, count, to: target, as: UInt32.self)
    }
    for index in 0..<count {
      let byte = source.load(fromByteOffset: index, as: UInt8.self)
      guard byte >= 0x20, byte != 0x22, byte != 0x5C else { return index }
      target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
    }
    return count
  }

  /// Copies the first and the last word of a text that these two cover.
  @inlinable @inline(__always)
  static func copyEnds<Word: FixedWidthInteger & UnsignedInteger>(
    _ source: UnsafeRawPointer, _ count: Int, to target: UnsafeMutableRawPointer,
    as type: Word.Type
  ) -> Int {
    let last = count &- MemoryLayout<Word>.size
    let head = source.loadUnaligned(as: Word.self)
    let tail = source.loadUnaligned(fromByteOffset: last, as: Word.self)
    guard isPlain(head), isPlain(tail) else { return 0 }
    target.storeBytes(of: head, as: Word.self)
    target.storeBytes(of: tail, toByteOffset: last, as: Word.self)
    return count
  }

  /// Whether no byte of the word needs an escape; a borrow may give a false alarm, never a miss.
  @inlinable @inline(__always)
  static func isPlain<Word: FixedWidthInteger & UnsignedInteger>(_ word: Word) -> Bool {
    let ones = Word.max / 0xFF
    let quote = word ^ (ones &* 0x22)
    let backslash = word ^ (ones &* 0x5C)
    let found =
      ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
      | ((word &- ones &* 0x20) & ~word)
    return found & (ones &* 0x80) == 0
  }
}
