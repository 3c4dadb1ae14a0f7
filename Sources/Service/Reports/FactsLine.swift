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
