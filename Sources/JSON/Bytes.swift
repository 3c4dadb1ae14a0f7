/// Comparison of byte buffers, eight bytes at a time.
@usableFromInline
enum Bytes {
  /// Whether both buffers hold the same bytes.
  @usableFromInline
  static func equal(
    _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard left.count == right.count else { return false }
    guard left.baseAddress != right.baseAddress else { return true }
    return firstDifference(left, right, count: left.count) == left.count
  }

  /// Whether the first buffer comes before the second in the order of unsigned bytes.
  static func precedes(
    _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let common = min(left.count, right.count)
    let difference = firstDifference(left, right, count: common)
    guard difference < common else { return left.count < right.count }
    return left[difference] < right[difference]
  }

  /// The index of the first byte that differs, or `count`, which both buffers must have.
  private static func firstDifference(
    _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>, count: Int
  ) -> Int {
    let leftRaw = UnsafeRawBufferPointer(left)
    let rightRaw = UnsafeRawBufferPointer(right)
    var index = 0
    while index + 8 <= count {
      let leftWord = leftRaw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let rightWord = rightRaw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let difference = UInt64(littleEndian: leftWord ^ rightWord)
      if difference != 0 { return index + difference.trailingZeroBitCount >> 3 }
      index += 8
    }
    while index < count, left[index] == right[index] { index += 1 }
    return index
  }
}
