import JSON
import Ledger
import Testing

/// A test's own mistake: the value that it is written with does not read.
struct BadFixture: Error {
  let text: String
}

extension Money {
  /// Dollars in USDC, as a test writes them.
  static func usdc(_ decimal: Text) throws -> Money {
    try Money(decimal: decimal, asset: .usdc, rounding: .refuse)
  }
}

extension Timestamp {
  /// A moment in the log's own form, or shorter without milliseconds.
  static func of(_ text: Text) throws -> Timestamp {
    guard let moment = Timestamp(rfc3339: text, offsetRequired: true) else {
      throw BadFixture(text: text.string)
    }
    return moment
  }
}

extension Network {
  static func named(_ name: Text) throws -> Network {
    guard let network = Network(name) else { throw BadFixture(text: name.string) }
    return network
  }
}

extension Identifier {
  static func named(_ text: Text) throws -> Identifier {
    guard let identifier = Identifier(text) else { throw BadFixture(text: text.string) }
    return identifier
  }
}

/// A fingerprint that is easy to tell from others.
func fingerprint(_ number: UInt64) -> Fingerprint { Fingerprint((number, 1, 2, 3)) }

/// The `data` of an event as its line carries it.
func dataBytes(_ event: Event) -> [UInt8] {
  var out = JSONWriter()
  out.beginObject()
  event.writeData(to: &out)
  out.endObject()
  return out.bytes
}

/// Reads `data` by its canonical order; `unpredicted` when the bytes are not in it.
func predicted(_ type: EventType, _ subject: Text, _ data: [UInt8]) throws(FieldError) -> Event {
  var padded = data
  // The slack holds what would do most harm if it were taken for the text.
  while padded.count < data.count + FieldReader.slack {
    padded.append(contentsOf: [0x22, 0x7D, 0x2C, 0x22])
  }
  return try padded.withUnsafeBufferPointer { buffer throws(FieldError) in
    guard let base = buffer.baseAddress else { throw .unpredicted }
    var fields = FieldReader(predicting: base, count: data.count, cache: TextCache(slots: 16))
    let event = try Event(type: type, subject: subject, from: &fields)
    try fields.finish()
    guard fields.consumed == data.count else { throw .unpredicted }
    return event
  }
}

/// Reads `data` in any order of its members.
func parsed(_ type: EventType, _ subject: Text, _ data: [UInt8]) throws -> Event {
  guard case .object(let object) = try JSONParser.parse(data, limits: .line) else {
    throw BadFixture(text: String(decoding: data, as: UTF8.self))
  }
  var fields = FieldReader(object)
  let event = try Event(type: type, subject: subject, from: &fields)
  try fields.finish()
  return event
}

/// An event as only the decoder makes it, from the `data` of a line.
func event(_ type: EventType, _ subject: Text, _ data: String) throws -> Event {
  try parsed(type, subject, Array(data.utf8))
}

/// The state's canonical bytes.
func fed(_ state: State) -> [UInt8] {
  var bytes: [UInt8] = []
  state.feed(into: StateSink { bytes.append(contentsOf: $0) })
  return bytes
}

/// All records, folded from nothing.
func replay(_ records: some Sequence<Record>) -> State {
  var state = State()
  for record in records { state.apply(record) }
  return state
}
