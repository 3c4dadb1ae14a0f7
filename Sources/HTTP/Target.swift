/// The parts of a request target (RFC 9112 section 3.2), as places in the head's bytes.
struct Target: Equatable, Sendable {
  /// The whole target as sent.
  var whole: Range<Int32>
  /// The raw path, still percent-encoded; empty when an absolute target has none.
  var path: Range<Int32>
  /// The raw query without its `?`, nil when there is no `?`.
  var query: Range<Int32>?

  /// Takes a target apart; nil when it is malformed.
  ///
  /// Accepts `/path?query`, `http://authority/path?query` and `*` (for OPTIONS only). Refuses
  /// anything but visible ASCII, `#`, broken percent-encoding, and a path that decodes to a
  /// NUL or to bytes that are not UTF-8.
  init?(_ bytes: UnsafeRawBufferPointer, at start: Int, isOptions: Bool) {
    if bytes.isEmpty { return nil }
    var hasPercent = false
    var question = bytes.count
    for index in 0..<bytes.count {
      let byte = bytes[index]
      guard ByteClass.isTarget(byte) else { return nil }
      if byte == ByteClass.percent { hasPercent = true }
      if byte == 0x3F && question == bytes.count { question = index }
    }
    var pathStart = 0
    if bytes[0] != 0x2F {
      if bytes.count == 1 && bytes[0] == 0x2A {
        if !isOptions { return nil }
      } else {
        guard let end = Target.authorityEnd(bytes, before: question) else { return nil }
        pathStart = end
      }
    }
    let path = UnsafeRawBufferPointer(rebasing: bytes[pathStart..<question])
    if hasPercent {
      guard Target.isDecodable(path, asPath: true) else { return nil }
      let rest = UnsafeRawBufferPointer(rebasing: bytes[question...])
      guard Target.isDecodable(rest, asPath: false) else { return nil }
    }
    func place(_ from: Int, _ to: Int) -> Range<Int32> { Int32(start + from)..<Int32(start + to) }
    whole = place(0, bytes.count)
    self.path = place(pathStart, question)
    query = question < bytes.count ? place(question + 1, bytes.count) : nil
  }

  /// Where the authority of `http://authority…` ends; nil for any other form.
  private static func authorityEnd(_ bytes: UnsafeRawBufferPointer, before end: Int) -> Int? {
    var start = 0
    if end > 7 && ByteClass.equal(UnsafeRawBufferPointer(rebasing: bytes[0..<7]), "http://") {
      start = 7
    } else if end > 8
      && ByteClass.equal(UnsafeRawBufferPointer(rebasing: bytes[0..<8]), "https://")
    {
      start = 8
    } else {
      return nil
    }
    var index = start
    while index < end && bytes[index] != 0x2F { index += 1 }
    let authority = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
    return HostField.isValid(authority) ? index : nil
  }

  private static func isDecodable(_ bytes: UnsafeRawBufferPointer, asPath: Bool) -> Bool {
    guard let decoded = Percent.decode(bytes, plusIsSpace: false) else { return false }
    if !asPath { return true }
    return !decoded.contains(0) && String(validating: decoded, as: UTF8.self) != nil
  }
}

/// Percent-decoding of RFC 3986 section 2.1.
enum Percent {
  /// The decoded bytes; nil when a `%` is not followed by two hexadecimal digits.
  static func decode(_ bytes: some Sequence<UInt8>, plusIsSpace: Bool) -> [UInt8]? {
    var result: [UInt8] = []
    var source = bytes.makeIterator()
    while let byte = source.next() {
      if byte == ByteClass.percent {
        guard let first = source.next(), let second = source.next(),
          let high = ByteClass.hexValue(first), let low = ByteClass.hexValue(second)
        else { return nil }
        result.append(high << 4 | low)
      } else {
        result.append(plusIsSpace && byte == 0x2B ? ByteClass.space : byte)
      }
    }
    return result
  }
}

/// The value of a Host field (RFC 9110 section 7.2).
enum HostField {
  /// Whether the bytes are a non-empty `host[:port]` with a port up to 65535.
  static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if bytes.isEmpty { return false }
    var index = 0
    if bytes[0] == 0x5B {
      index = 1
      while index < bytes.count, bytes[index] != 0x5D {
        let byte = bytes[index]
        let known = ByteClass.hexValue(byte) != nil || byte == ByteClass.colon || byte == 0x2E
        if !known { return false }
        index += 1
      }
      if index < 3 || index == bytes.count { return false }
      index += 1
    } else {
      while index < bytes.count, bytes[index] != ByteClass.colon {
        if !isName(bytes[index]) { return false }
        index += 1
      }
      if index == 0 { return false }
    }
    if index == bytes.count { return true }
    if bytes[index] != ByteClass.colon { return false }
    return isPort(UnsafeRawBufferPointer(rebasing: bytes[(index + 1)...]))
  }

  /// unreserved, sub-delims and `%` of RFC 3986.
  private static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case 0x21, 0x24...0x2E, 0x3B, 0x3D, 0x5F, 0x7E: true
    default: false
    }
  }

  private static func isPort(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if bytes.count > 5 { return false }
    var port = 0
    for byte in bytes {
      guard ByteClass.isDigit(byte) else { return false }
      port = port * 10 + Int(byte - 0x30)
    }
    return port <= 65535
  }
}
