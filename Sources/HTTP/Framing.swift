/// How long a request's body is, and the other fields that the transfer depends on.
///
/// Gathered field by field; `finish` then judges them together, so the order of the fields
/// does not matter.
struct Framing {
  /// The length of the body.
  enum Length: Equatable {
    case bytes(Int)
    case chunked
  }

  private(set) var length = Length.bytes(0)
  private(set) var keepsAlive = true
  private(set) var expectsContinue = false
  private(set) var requestID: Headers.Field?
  private(set) var traceParent: Headers.Field?

  private var hosts = 0
  private var hasGoodHost = true
  private var contentLengths = 0
  private var declared: Int?
  private var codings = 0
  private var codingIsChunked = false
  private var codingIsMalformed = false
  private var expectations = 0
  private var saysClose = false
  private var saysKeepAlive = false

  /// Judges the fields of one head.
  init(
    _ fields: [Headers.Field], _ bytes: UnsafeRawBufferPointer, minorVersion: Int
  ) throws(ParseFailure) {
    for field in fields { note(field, bytes) }
    if hosts > 1 { throw .bad("There is more than one Host field.") }
    if hosts == 0 && minorVersion == 1 { throw .bad("The Host field is missing.") }
    if !hasGoodHost { throw .bad("The Host field is malformed.") }
    if contentLengths > 0 && codings > 0 {
      throw .bad("Content-Length and Transfer-Encoding are both there.")
    }
    if contentLengths > 0 {
      if contentLengths > 1 { throw .bad("There is more than one Content-Length field.") }
      guard let declared else { throw .bad("Content-Length is not a plain number.") }
      length = .bytes(declared)
    }
    if codings > 0 {
      if minorVersion == 0 { throw .bad("HTTP/1.0 has no Transfer-Encoding.") }
      if codings > 1 || codingIsMalformed { throw .bad("Transfer-Encoding is malformed.") }
      if !codingIsChunked { throw .transferCoding }
      length = .chunked
    }
    if expectations > 0 && minorVersion == 1 && !expectsContinue { throw .expectation }
    if minorVersion == 0 { expectsContinue = false }
    keepsAlive = minorVersion == 1 ? !saysClose : saysKeepAlive && !saysClose
  }

  private mutating func note(_ field: Headers.Field, _ bytes: UnsafeRawBufferPointer) {
    let name = part(bytes, field.nameStart, field.nameCount)
    // The length alone rules out nearly every field that is not ours to look at.
    switch name.count {
    case 4 where ByteClass.equal(name, "host"):
      hosts += 1
      if !HostField.isValid(value(field, bytes)) { hasGoodHost = false }
    case 6 where ByteClass.equal(name, "expect"):
      expectations += 1
      let isContinue = ByteClass.equal(value(field, bytes), "100-continue")
      expectsContinue = isContinue && expectations == 1
    case 10 where ByteClass.equal(name, "connection"): noteConnection(value(field, bytes))
    case 11 where ByteClass.equal(name, "traceparent"): traceParent = traceParent ?? field
    case 12 where ByteClass.equal(name, "x-request-id"): requestID = requestID ?? field
    case 14 where ByteClass.equal(name, "content-length"):
      contentLengths += 1
      declared = Framing.number(value(field, bytes))
    case 17 where ByteClass.equal(name, "transfer-encoding"):
      codings += 1
      noteCoding(value(field, bytes))
    default: break
    }
  }

  private mutating func noteConnection(_ value: UnsafeRawBufferPointer) {
    for token in Framing.list(value) {
      if ByteClass.equal(token, "close") { saysClose = true }
      if ByteClass.equal(token, "keep-alive") { saysKeepAlive = true }
    }
  }

  private mutating func noteCoding(_ value: UnsafeRawBufferPointer) {
    let tokens = Framing.list(value)
    let chunked = tokens.filter { ByteClass.equal($0, "chunked") }.count
    codingIsChunked = tokens.count == 1 && chunked == 1
    codingIsMalformed =
      tokens.isEmpty || chunked > 1
      || (chunked == 1 && !(tokens.last.map { ByteClass.equal($0, "chunked") } ?? false))
  }

  /// A plain decimal number of at most 18 digits.
  static func number(_ value: UnsafeRawBufferPointer) -> Int? {
    guard (1...18).contains(value.count) else { return nil }
    var result = 0
    for byte in value {
      guard ByteClass.isDigit(byte) else { return nil }
      result = result * 10 + Int(byte - 0x30)
    }
    return result
  }

  /// The non-empty elements of a comma-separated list, without blanks around them.
  private static func list(_ value: UnsafeRawBufferPointer) -> [UnsafeRawBufferPointer] {
    value.split(separator: 0x2C).compactMap { part in
      var slice = part
      while let first = slice.first, first == 0x20 || first == 0x09 { slice.removeFirst() }
      while let last = slice.last, last == 0x20 || last == 0x09 { slice.removeLast() }
      return slice.isEmpty ? nil : UnsafeRawBufferPointer(rebasing: slice)
    }
  }

  private func value(
    _ field: Headers.Field, _ bytes: UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    part(bytes, field.valueStart, field.valueCount)
  }

  private func part(
    _ bytes: UnsafeRawBufferPointer, _ start: Int32, _ count: Int32
  ) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[Int(start)..<Int(start + count)])
  }
}
