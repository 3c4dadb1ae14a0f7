import JSON
import Journal
import Ledger

/// The members of one payment line that the four questions rest on, found without making texts.
///
/// The pointers lie in the line. Every byte of the line has been checked as the full decoder
/// would; whatever is unusual is left to it.
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

  /// A line with nothing in it.
  init() {}

  /// Reads the line that begins here; the bytes that it has, with its line feed.
  ///
  /// Nil when it is no payment or anything about it is unusual; the members then mean nothing.
  /// The line must end in a line feed and 64 bytes behind that be readable.
  @inline(__always)
  mutating func read(_ start: UnsafePointer<UInt8>, times: inout TimeCache) -> Int? {
    var cursor = LineCursor(start)
    guard readEnvelope(&cursor, &times), readParties(&cursor) else { return nil }
    let isRead =
      switch type {
      case .paymentStarted: readStart(&cursor, &times)
      case .paymentCompleted: readCompletion(&cursor, &times)
      default: readFailure(&cursor, &times)
      }
    guard isRead, cursor.take("},\"hash\":\""), cursor.hash(), cursor.take("}\n") else {
      return nil
    }
    let length = cursor.here - start
    return length <= RecordCodec.longestLine ? length : nil
  }

  @inline(__always)
  private mutating func readEnvelope(
    _ cursor: inout LineCursor, _ times: inout TimeCache
  ) -> Bool {
    guard cursor.take("{\"seq\":"), let number = cursor.natural(), number > 0,
      cursor.take(",\"at\":\""), let at = cursor.moment(&times),
      cursor.take(",\"type\":\"payment."), readType(&cursor),
      cursor.take(",\"subject\":\""), let subject = cursor.identifier(),
      cursor.take(",\"actor\":\""), let actor = cursor.plain()
    else { return false }
    self.seq = UInt64(truncatingIfNeeded: number)
    self.at = at
    self.subject = subject
    self.actor = actor
    key = nil
    isFake = false
    more = false
    return cursor.take(",\"data\":{") || readOptions(&cursor)
  }

  @inline(__always)
  private mutating func readType(_ cursor: inout LineCursor) -> Bool {
    if cursor.take("started\"") {
      type = .paymentStarted
    } else if cursor.take("completed\"") {
      type = .paymentCompleted
    } else {
      guard cursor.take("failed\"") else { return false }
      type = .paymentFailed
    }
    return true
  }

  /// Reads what an envelope need not have, up to the data.
  private mutating func readOptions(_ cursor: inout LineCursor) -> Bool {
    if cursor.take(",\"cause\":\"") {
      guard cursor.plain() != nil else { return false }
    }
    if cursor.take(",\"key\":\"") {
      guard let key = cursor.plain(), cursor.take(",\"op\":\""), let op = cursor.plain(),
        cursor.take(",\"print\":\""), cursor.hash()
      else { return false }
      self.key = key
      self.op = op
    }
    isFake = cursor.take(",\"fake\":true")
    more = cursor.take(",\"more\":true")
    return cursor.take(",\"data\":{")
  }

  @inline(__always)
  private mutating func readParties(_ cursor: inout LineCursor) -> Bool {
    guard cursor.take("\"agent_id\":\""), let agent = cursor.plain(),
      cursor.take(",\"vendor\":\""), let vendor = cursor.plain(),
      cursor.take(",\"network\":\""), let network = cursor.plain()
    else { return false }
    self.agent = agent
    self.vendor = vendor
    self.network = network
    return true
  }

  @inline(__always)
  private mutating func readStart(_ cursor: inout LineCursor, _ times: inout TimeCache) -> Bool {
    guard cursor.take(",\"amount\":\""), readMoney(&cursor), readSource(&cursor, &times) else {
      return false
    }
    return FactsLine.skip(",\"service_url\":\"", &cursor)
  }

  @inline(__always)
  private mutating func readCompletion(
    _ cursor: inout LineCursor, _ times: inout TimeCache
  ) -> Bool {
    guard cursor.take(",\"settled\":\""), readMoney(&cursor),
      FactsLine.skip(",\"blockchain_tx_hash\":\"", &cursor), FactsLine.skipLatency(&cursor),
      readSource(&cursor, &times)
    else { return false }
    return FactsLine.skip(",\"facilitator_receipt\":\"", &cursor)
  }

  @inline(__always)
  private mutating func readFailure(
    _ cursor: inout LineCursor, _ times: inout TimeCache
  ) -> Bool {
    guard cursor.take(",\"code\":\""), cursor.plain() != nil, cursor.take(",\"error\":\""),
      cursor.plain() != nil, cursor.take(",\"vendor_fault\":")
    else { return false }
    vendorFault = cursor.take("true")
    guard vendorFault || cursor.take("false") else { return false }
    asset = nil
    units = 0
    return FactsLine.skip(",\"blockchain_tx_hash\":\"", &cursor)
      && FactsLine.skipLatency(&cursor) && readSource(&cursor, &times)
  }

  @inline(__always)
  private mutating func readMoney(_ cursor: inout LineCursor) -> Bool {
    guard let digits = cursor.plain(), cursor.take(",\"asset\":\""), let asset = cursor.asset(),
      let units = Digits.units(digits, asset)
    else { return false }
    self.asset = asset
    self.units = units
    return true
  }

  @inline(__always)
  private mutating func readSource(
    _ cursor: inout LineCursor, _ times: inout TimeCache
  ) -> Bool {
    guard cursor.take(",\"source\":\"external\"") else { return false }
    guard cursor.take(",\"occurred_at\":\"") else {
      occurredAt = nil
      return true
    }
    guard let moment = cursor.moment(&times) else { return false }
    occurredAt = moment
    return true
  }

  /// Moves past a member that may be there and that nothing is asked of.
  @inline(__always)
  private static func skip(_ opening: StaticString, _ cursor: inout LineCursor) -> Bool {
    !cursor.take(opening) || cursor.plain() != nil
  }

  @inline(__always)
  private static func skipLatency(_ cursor: inout LineCursor) -> Bool {
    !cursor.take(",\"latency_ms\":") || cursor.natural() != nil
  }
}
