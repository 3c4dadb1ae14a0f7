import JSON
import Seeded
import Testing

/// An object with a member of every kind, as an event would have it.
private struct Sample: Equatable {
  var id: Text
  var kind: Text
  var note: Text?
  var count: Int64
  var limit: Int64?
  var open: Bool
  var late: Bool
  var labels: [Text]
  var totals: [Text: Int64]
  var headers: [Text: Text]?
  var inner: Text

  init(_ random: inout SplitMix64) {
    id = RandomJSON.text(&random)
    kind = RandomJSON.text(&random)
    note = random.below(2) == 0 ? nil : RandomJSON.text(&random)
    count = Int64(bitPattern: random.next() >> UInt64(random.below(64)))
    limit = random.below(2) == 0 ? nil : -Int64(random.below(1000))
    open = random.below(2) == 0
    late = random.below(2) == 0
    labels = (0..<random.below(4)).map { _ in RandomJSON.text(&random) }
    totals = [:]
    for _ in 0..<random.below(4) { totals[RandomJSON.text(&random)] = Int64(random.below(100)) }
    headers = random.below(2) == 0 ? nil : [RandomJSON.text(&random): RandomJSON.text(&random)]
    inner = RandomJSON.text(&random)
  }

  init(_ reader: inout FieldReader) throws(FieldError) {
    id = try reader.withString("id") { (bytes) throws(FieldError) in
      guard let id = Text(utf8: Array(bytes)) else { throw .invalid("id", "no UTF-8") }
      return id
    }
    kind = try reader.cachedText("a_rather_long_name_of_a_kind")
    note = try reader.optionalText("note")
    count = try reader.integer("count")
    limit = try reader.optionalInteger("limit")
    open = try reader.boolean("open")
    late = try reader.flag("late")
    labels = try reader.texts("labels")
    totals = Dictionary(try reader.integerMap("totals")) { $1 }
    headers = try reader.optionalTextMap("headers").map { Dictionary($0) { $1 } }
    var nested = try reader.nested("data")
    inner = try nested.text("inner")
    try nested.finish()
    try reader.resume(after: nested)
    try reader.finish()
  }

  func write(_ writer: inout JSONWriter) {
    writer.beginObject()
    writer.field("id", id)
    writer.field("a_rather_long_name_of_a_kind", kind)
    writer.optional("note", note)
    writer.field("count", count)
    writer.optional("limit", limit)
    writer.field("open", open)
    writer.flag("late", late)
    writer.key("labels")
    writer.beginArray()
    for label in labels { writer.string(label) }
    writer.endArray()
    writer.key("totals")
    writer.beginObject()
    for (name, total) in totals.sorted(by: { $0.key < $1.key }) {
      writer.key(name)
      writer.integer(total)
    }
    writer.endObject()
    if let headers {
      writer.key("headers")
      writer.beginObject()
      for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
        writer.key(name)
        writer.string(value)
      }
      writer.endObject()
    }
    writer.key("data")
    writer.beginObject()
    writer.field("inner", inner)
    writer.endObject()
    writer.endObject()
  }

  var canonical: [UInt8] {
    var writer = JSONWriter()
    write(&writer)
    return writer.bytes
  }

  static func predicted(_ bytes: [UInt8], cache: TextCache?) -> Result<Sample, FieldError> {
    withSlack(bytes) { base, count in
      var reader = FieldReader(predicting: base, count: count, cache: cache)
      do throws(FieldError) {
        let sample = try Sample(&reader)
        return reader.consumed == count ? .success(sample) : .failure(.unpredicted)
      } catch {
        return .failure(error)
      }
    }
  }

  static func fromTree(_ bytes: [UInt8]) -> Result<Sample, FieldError>? {
    guard case .value(.object(let object)) = parsed(bytes, .line) else { return nil }
    var reader = FieldReader(object)
    do throws(FieldError) {
      return .success(try Sample(&reader))
    } catch {
      return .failure(error)
    }
  }
}

struct FieldReaderLawTests {
  @Test(arguments: UInt64(0)..<500)
  func `both sources read back what was written`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let sample = Sample(&random)
    let bytes = sample.canonical
    let cache = TextCache(slots: 16)
    #expect(Sample.predicted(bytes, cache: nil) == .success(sample))
    #expect(Sample.predicted(bytes, cache: cache) == .success(sample))
    #expect(Sample.predicted(bytes, cache: cache) == .success(sample))
    #expect(Sample.fromTree(bytes) == .success(sample))
  }

  @Test(arguments: UInt64(0)..<200)
  func `another order of members is a surprise, and the tree reads it all the same`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let sample = Sample(&random)
    guard case .value(.object(let object)) = parsed(sample.canonical, .line) else {
      Issue.record("the canonical bytes are refused")
      return
    }
    let extra = JSONObject.Member(name: "unknown", value: .array([.null]))
    let shuffled = (object.members + [extra]).shuffled(using: &random)
    var writer = JSONWriter()
    guard let changed = JSONObject(shuffled) else {
      Issue.record("the names are different")
      return
    }
    writer.value(.object(changed), sortingMembers: false)
    #expect(Sample.predicted(writer.bytes, cache: nil) == .failure(.unpredicted))
    #expect(Sample.fromTree(writer.bytes) == .success(sample))
  }

  @Test(arguments: UInt64(0)..<60)
  func `no prefix of a line is read`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let bytes = Sample(&random).canonical
    for length in bytes.indices {
      #expect(Sample.predicted(Array(bytes[..<length]), cache: nil) == .failure(.unpredicted))
    }
  }

  @Test(arguments: UInt64(0)..<60)
  func `a line with one wrong byte is read only when it is strict JSON that says the same`(
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    let bytes = Sample(&random).canonical
    var changed = bytes
    for index in bytes.indices {
      let interesting: [UInt8] = [
        0x22, 0x5C, 0x2C, 0x7D, 0x00, 0x80, 0xC3, 0xED, 0x30, UInt8(random.below(256)),
      ]
      for byte in interesting {
        changed[index] = byte
        if case .success(let sample) = Sample.predicted(changed, cache: nil) {
          #expect(Sample.fromTree(changed) == .success(sample))
        }
      }
      changed[index] = bytes[index]
    }
  }

  @Test(arguments: UInt64(0)..<40)
  func `random bytes never trap, and prediction takes nothing that the parser refuses`(
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    let alphabet = Array("{}[]:,\"\\u0123456789abcdefDd8-+.eE \n\ttruefalsn/\u{E9}".utf8)
    for _ in 0..<3_000 {
      var bytes: [UInt8] = random.below(2) == 0 ? Array("{\"id\":\"".utf8) : []
      for _ in 0..<random.below(60) {
        let raw = random.below(8) == 0
        bytes.append(raw ? UInt8(random.below(256)) : alphabet[random.below(alphabet.count)])
      }
      let strict = parsed(bytes, .line)
      #expect(Text(utf8: bytes) == nil || String(validating: bytes, as: UTF8.self) != nil)
      withSlack(bytes) { base, count in
        var reader = FieldReader(predicting: base, count: count)
        do throws(FieldError) {
          _ = try reader.optionalText("id")
          _ = try reader.optionalInteger("n")
          try reader.finish()
          guard reader.consumed == count else { return }
          if case .fault = strict { Issue.record("seed \(seed): prediction took \(bytes)") }
        } catch {
          #expect(error == .unpredicted)
        }
      }
      if case .value(let value) = strict {
        var writer = JSONWriter()
        writer.value(value, sortingMembers: false)
        #expect(parsed(writer.bytes, .line) == .value(value))
      }
    }
  }
}
