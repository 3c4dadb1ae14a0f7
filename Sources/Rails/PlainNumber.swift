/// Decimal numbers as the rails write them: digits only, no sign, no zero in front.
enum PlainNumber {
  /// Nil for anything else, and past `Int64.max`.
  static func read(_ bytes: ArraySlice<UInt8>) -> Int64? {
    guard let first = bytes.first, bytes.count == 1 || first != 0x30 else { return nil }
    var value: Int64 = 0
    for byte in bytes {
      guard (0x30...0x39).contains(byte) else { return nil }
      let (tens, isPast) = value.multipliedReportingOverflow(by: 10)
      let (sum, isPastToo) = tens.addingReportingOverflow(Int64(byte - 0x30))
      guard !isPast, !isPastToo else { return nil }
      value = sum
    }
    return value
  }
}
