import JSON
import Journal
import Ledger

/// The members of one payment line that the four questions rest on, found without making texts.
///
/// The pointers lie in the line. Every byte of the line has been checked as the full decoder
/// would; whatever is unusual throws `unpredicted` and is decoded in full.
struct FactsLine {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  var seq: UInt64 = 0
  var at: Int64 = 0
  var type = EventType.paymentStarted
  var subject = Bytes(start: nil, count: 0)
  var actor = Bytes(start: nil, count: 0)
  var key: Bytes?
  var op = Bytes(start: nil, count: 0)
  var isFake = false
  var more = false
  var agent = Bytes(start: nil, count: 0)
  var vendor = Bytes(start: nil, count: 0)
  var network = Bytes(start: nil, count: 0)
  /// Atomic units; 0 for a failure.
  var units: Int128 = 0
  var asset: Asset?
  var vendorFault = false
  var occurredAt: Int64?

  /// A line with nothing in it, to be filled in from a decoded record.
  init() {}

  /// Reads one line without its `\n`; nil when it is no payment or anything about it is unusual.
  init?(_ line: UnsafeRawBufferPointer, times: inout TimeCache) {
    guard let base = line.baseAddress else { return nil }
    do throws(FieldError) {
      var fields = FieldReader(
        predicting: base.assumingMemoryBound(to: UInt8.self), count: line.count)
      try readEnvelope(&fields, line, &times)
      var data = try fields.nested("data")
      agent = try FactsLine.plain(&data, "agent_id", line)
      vendor = try FactsLine.plain(&data, "vendor", line)
      network = try FactsLine.plain(&data, "network", line)
      switch type {
      case .paymentStarted: try readStart(&data, line, &times)
      case .paymentCompleted: try readCompletion(&data, line, &times)
      default: try readFailure(&data, line, &times)
      }
      try data.finish()
      try fields.resume(after: data)
      try fields.withString("hash") { (bytes) throws(FieldError) in
        guard FactsLine.isHash(bytes) else { throw .unpredicted }
      }
      try fields.finish()
      guard fields.consumed == line.count else { return nil }
    } catch {
      return nil
    }
  }

  private mutating func readEnvelope(
    _ fields: inout FieldReader, _ line: UnsafeRawBufferPointer, _ times: inout TimeCache
  ) throws(FieldError) {
    let number = try fields.integer("seq")
    guard number > 0 else { throw .unpredicted }
    seq = UInt64(number)
    at = try FactsLine.moment(&fields, "at", &times)
    type = try fields.withString("type") { (bytes) throws(FieldError) in
      guard let type = FactsLine.paymentType(bytes) else { throw .unpredicted }
      return type
    }
    subject = try FactsLine.plain(&fields, "subject", line)
    guard FactsLine.isIdentifier(subject) else { throw .unpredicted }
    actor = try FactsLine.plain(&fields, "actor", line)
    try FactsLine.skip(&fields, "cause")
    key = try fields.withOptionalString("key") { (bytes) throws(FieldError) in
      try FactsLine.inside(bytes, line)
    }
    if key != nil {
      op = try FactsLine.plain(&fields, "op", line)
      try fields.withString("print") { (bytes) throws(FieldError) in
        guard FactsLine.isHash(bytes) else { throw .unpredicted }
      }
    }
    isFake = try fields.flag("fake")
    more = try fields.flag("more")
  }

  private mutating func readStart(
    _ data: inout FieldReader, _ line: UnsafeRawBufferPointer, _ times: inout TimeCache
  ) throws(FieldError) {
    try readMoney(&data, "amount", line)
    try FactsLine.readSource(&data)
    occurredAt = try FactsLine.optionalMoment(&data, &times)
    try FactsLine.skip(&data, "service_url")
  }

  private mutating func readCompletion(
    _ data: inout FieldReader, _ line: UnsafeRawBufferPointer, _ times: inout TimeCache
  ) throws(FieldError) {
    try readMoney(&data, "settled", line)
    try FactsLine.skip(&data, "blockchain_tx_hash")
    _ = try data.optionalInteger("latency_ms")
    try FactsLine.readSource(&data)
    occurredAt = try FactsLine.optionalMoment(&data, &times)
    try FactsLine.skip(&data, "facilitator_receipt")
  }

  private mutating func readFailure(
    _ data: inout FieldReader, _ line: UnsafeRawBufferPointer, _ times: inout TimeCache
  ) throws(FieldError) {
    try data.withString("code") { _ throws(FieldError) in }
    try data.withString("error") { _ throws(FieldError) in }
    vendorFault = try data.boolean("vendor_fault")
    try FactsLine.skip(&data, "blockchain_tx_hash")
    _ = try data.optionalInteger("latency_ms")
    try FactsLine.readSource(&data)
    occurredAt = try FactsLine.optionalMoment(&data, &times)
  }

  private mutating func readMoney(
    _ data: inout FieldReader, _ name: StaticString, _ line: UnsafeRawBufferPointer
  ) throws(FieldError) {
    let digits = try FactsLine.plain(&data, name, line)
    let asset = try data.withString("asset") { (bytes) throws(FieldError) in
      guard let asset = FactsLine.asset(bytes) else { throw .unpredicted }
      return asset
    }
    guard let units = FactsLine.units(digits, scale: asset.scale) else { throw .unpredicted }
    self.asset = asset
    self.units = units
  }
}

/// How single members are read.
extension FactsLine {
  /// The bytes of a string that stands unescaped in the line.
  @inline(__always)
  private static func plain(
    _ fields: inout FieldReader, _ key: StaticString, _ line: UnsafeRawBufferPointer
  ) throws(FieldError) -> Bytes {
    try fields.withString(key) { (bytes) throws(FieldError) in try inside(bytes, line) }
  }

  /// The bytes themselves when they lie in the line; a decoded copy would not outlive the call.
  @inline(__always)
  private static func inside(
    _ bytes: Bytes, _ line: UnsafeRawBufferPointer
  ) throws(FieldError) -> Bytes {
    guard let start = bytes.baseAddress, let base = line.baseAddress,
      UnsafeRawPointer(start) >= base, UnsafeRawPointer(start) < base + line.count
    else { throw .unpredicted }
    return bytes
  }

  @inline(__always)
  private static func skip(_ fields: inout FieldReader, _ key: StaticString) throws(FieldError) {
    _ = try fields.withOptionalString(key) { _ throws(FieldError) in }
  }

  @inline(__always)
  private static func moment(
    _ fields: inout FieldReader, _ key: StaticString, _ times: inout TimeCache
  ) throws(FieldError) -> Int64 {
    var cache = times
    let moment = try fields.withString(key) { (bytes) throws(FieldError) in
      guard let moment = cache.milliseconds(bytes) else { throw .unpredicted }
      return moment
    }
    times = cache
    return moment
  }

  @inline(__always)
  private static func optionalMoment(
    _ fields: inout FieldReader, _ times: inout TimeCache
  ) throws(FieldError) -> Int64? {
    var cache = times
    let moment = try fields.withOptionalString("occurred_at") { (bytes) throws(FieldError) in
      guard let moment = cache.milliseconds(bytes) else { throw .unpredicted }
      return moment
    }
    times = cache
    return moment
  }

  @inline(__always)
  private static func readSource(_ data: inout FieldReader) throws(FieldError) {
    try data.withString("source") { (bytes) throws(FieldError) in
      guard bytes.count == 8, Words.load8(bytes, 0) == Words.word("external") else {
        throw .unpredicted
      }
    }
  }

  /// `payment.started`, `payment.completed` or `payment.failed`.
  @inline(__always)
  private static func paymentType(_ bytes: Bytes) -> EventType? {
    guard bytes.count >= 14, Words.load8(bytes, 0) == Words.word("payment.") else { return nil }
    switch bytes.count {
    case 15: return Words.load8(bytes, 7) == Words.word(".started") ? .paymentStarted : nil
    case 17: return Words.load8(bytes, 9) == Words.word("ompleted") && bytes[8] == 0x63
        ? .paymentCompleted : nil
    case 14: return Words.load8(bytes, 6) == Words.word("t.failed") ? .paymentFailed : nil
    default: return nil
    }
  }

  @inline(__always)
  private static func asset(_ bytes: Bytes) -> Asset? {
    guard bytes.count == 4 else { return nil }
    return Words.load8(bytes, 0) & 0xFFFF_FFFF == 0x4344_5355 ? .usdc : nil
  }

  /// A decimal at exactly the scale, of at most 18 digits.
  @inline(__always)
  private static func units(_ bytes: Bytes, scale: Int) -> Int128? {
    let point = bytes.count - scale - 1
    guard point > 0, bytes.count <= 18, bytes[point] == 0x2E else { return nil }
    guard point == 1 || bytes[0] != 0x30 else { return nil }
    var units: UInt64 = 0
    for index in 0..<bytes.count where index != point {
      let digit = bytes[index] &- 0x30
      guard digit < 10 else { return nil }
      units = units &* 10 &+ UInt64(digit)
    }
    return Int128(units)
  }

  /// 1 to 128 bytes of `[A-Za-z0-9._:-]` and `_`.
  @inline(__always)
  private static func isIdentifier(_ bytes: Bytes) -> Bool {
    guard (1...128).contains(bytes.count) else { return false }
    for byte in bytes where !identifierBytes[Int(byte)] { return false }
    return true
  }

  private static let identifierBytes: [Bool] = (0..<256).map { value in
    switch UInt8(value) {
    case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }

  /// 64 lower-case hex digits.
  @inline(__always)
  static func isHash(_ bytes: Bytes) -> Bool {
    guard bytes.count == 64, let base = bytes.baseAddress else { return false }
    typealias Vector = SIMD16<UInt8>
    var wrong = SIMDMask<SIMD16<Int8>>(repeating: false)
    for block in 0..<4 {
      let text = UnsafeRawPointer(base).loadUnaligned(fromByteOffset: block &* 16, as: Vector.self)
      let isDigit = (text &- Vector(repeating: 0x30)) .< Vector(repeating: 10)
      let isLetter = (text &- Vector(repeating: 0x61)) .< Vector(repeating: 6)
      wrong = wrong .| .!(isDigit .| isLetter)
    }
    let words = unsafeBitCast(wrong, to: SIMD2<UInt64>.self)
    return words[0] | words[1] == 0
  }
}
