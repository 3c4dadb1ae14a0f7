public import JSON
public import Ledger

/// Why a line could not be taken in.
public enum LineFault: Error, Equatable, Sendable {
  /// Not strict JSON with our envelope; `offset` counts bytes from the line's start.
  case unreadable(offset: Int, reason: String)
  /// Reads, but its type or a required field is unknown to this binary: a newer one wrote it.
  case newer(reason: String)
}

/// Turns records into lines and lines into records; the hash is the chain's business.
///
/// Writing gives the one canonical form. Reading predicts that form, a few word compares per key,
/// and falls back to the strict any-order reader on the same line.
/// One codec per thread: it keeps the texts that repeat.
public struct RecordCodec {
  /// The bytes from `,"hash":"` to the end of a line without its `\n`.
  public static let tail = 75
  /// The longest line, its `\n` included.
  public static let longestLine = 1_048_576
  /// Depth and number of values of any line.
  private static let limits = JSONLimits(depth: 64, bytes: longestLine, values: 100_000)

  private let cache: TextCache

  public init() { cache = TextCache(slots: 4_096) }

  // MARK: writing

  /// Appends the record's line, with 64 zeros where the chain will put the hash, and `\n`.
  public static func encode(_ record: Record, into out: inout JSONWriter) {
    out.beginObject()
    out.field("seq", record.seq)
    out.key("at")
    out.quotedASCII { record.at.write(into: &$0) }
    out.field("type", record.event.type.name)
    out.field("subject", record.event.subject)
    out.field("actor", record.actor)
    out.optional("cause", record.cause)
    if let binding = record.binding {
      out.field("key", binding.key)
      out.field("op", binding.op)
      out.key("print")
      out.quotedASCII { binding.print.writeHex(into: &$0) }
    }
    out.flag("fake", record.isFake)
    out.flag("more", record.more)
    out.key("data")
    out.beginObject()
    record.event.writeData(to: &out)
    out.endObject()
    out.key("hash")
    out.quotedASCII { $0.append(contentsOf: repeatElement(0x30, count: 64)) }
    out.endObject()
    out.bytes.append(0x0A)
  }

  // MARK: reading

  /// Reads one line without its `\n`; at least 64 readable bytes must follow it in memory.
  public mutating func decode(_ line: UnsafeRawBufferPointer) throws(LineFault) -> Record {
    guard let base = line.baseAddress, line.count > RecordCodec.tail else {
      throw .unreadable(offset: 0, reason: "the line is too short for a record")
    }
    guard line.count < RecordCodec.longestLine else {
      throw .unreadable(
        offset: RecordCodec.longestLine, reason: "the line is longer than 1048576 bytes")
    }
    do throws(FieldError) {
      var fields = FieldReader(
        predicting: base.assumingMemoryBound(to: UInt8.self), count: line.count, cache: cache)
      let record = try RecordCodec.read(&fields)
      guard fields.consumed == line.count else { throw .unpredicted }
      return record
    } catch {
      return try decodeStrictly(line)
    }
  }

  private func decodeStrictly(_ line: UnsafeRawBufferPointer) throws(LineFault) -> Record {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONParser.parse(line, limits: RecordCodec.limits)
    } catch {
      throw .unreadable(offset: error.offset, reason: "\(error.reason)")
    }
    guard case .object(let object) = value else {
      throw .unreadable(offset: 0, reason: "the line is not an object")
    }
    guard object.members.last?.name == "hash" else {
      throw .unreadable(offset: line.count, reason: "the line does not end in its hash")
    }
    do throws(FieldError) {
      var fields = FieldReader(object, cache: cache)
      return try RecordCodec.read(&fields)
    } catch {
      throw RecordCodec.fault(error, in: object)
    }
  }

  /// An envelope that does not read is no line of ours; data that does not, one of a newer binary.
  private static func fault(_ error: FieldError, in object: JSONObject) -> LineFault {
    let reason =
      switch error {
      case .unpredicted: "the line could not be read"
      case .missing(let name): "\(name) is missing"
      case .wrongType(let name, let expected): "\(name) is not \(expected)"
      case .invalid(let name, let why): "\(name) \(why)"
      }
    do throws(FieldError) {
      var fields = FieldReader(object)
      _ = try Envelope(&fields)
      _ = try fields.nested("data")
      try readHash(&fields)
    } catch {
      return .unreadable(offset: 0, reason: reason)
    }
    return .newer(reason: reason)
  }

  @inline(__always)
  private static func read(_ fields: inout FieldReader) throws(FieldError) -> Record {
    let envelope = try Envelope(&fields)
    guard let type = envelope.type else {
      throw .invalid("type", "is not an event that this binary knows")
    }
    var data = try fields.nested("data")
    let event = try Event(type: type, subject: envelope.subject, from: &data)
    try data.finish()
    try fields.resume(after: data)
    try readHash(&fields)
    try fields.finish()
    return Record(
      seq: envelope.seq, at: envelope.at, actor: envelope.actor, cause: envelope.cause,
      binding: envelope.binding, book: envelope.isFake ? .fake : .real, more: envelope.more,
      event: event)
  }

  private static func readHash(_ fields: inout FieldReader) throws(FieldError) {
    try fields.withString("hash") { bytes throws(FieldError) in
      guard bytes.count == 64 else { throw .invalid("hash", "is not 64 hex digits") }
      guard Fingerprint.isHex(bytes.span) else {
        throw .invalid("hash", "is not 64 lower-case hex digits")
      }
    }
  }
}

/// What stands around the `data` of a line.
private struct Envelope {
  let seq: UInt64
  let at: Timestamp
  /// Nil when this binary does not know the type.
  let type: EventType?
  let subject: Subject
  let actor: Text
  let cause: Text?
  let binding: KeyBinding?
  let isFake: Bool
  let more: Bool

  @inline(__always)
  init(_ fields: inout FieldReader) throws(FieldError) {
    guard let seq = UInt64(exactly: try fields.integer("seq")), seq > 0 else {
      throw .invalid("seq", "is not a position in the log")
    }
    self.seq = seq
    at = try fields.withString("at") { bytes throws(FieldError) in
      guard let at = Timestamp(canonical: bytes.span) else {
        throw .invalid("at", "is not a time of the form 2026-11-16T03:00:00.123Z")
      }
      return at
    }
    type = try fields.withString("type") { bytes throws(FieldError) in
      EventType(name: bytes.span)
    }
    subject = try fields.withString("subject") { bytes throws(FieldError) in
      Subject(bytes.span)
    }
    actor = try fields.cachedText("actor")
    cause = try fields.optionalText("cause")
    binding = try Envelope.binding(&fields)
    isFake = try fields.flag("fake")
    more = try fields.flag("more")
  }

  private static func binding(_ fields: inout FieldReader) throws(FieldError) -> KeyBinding? {
    guard let key = try fields.optionalText("key") else { return nil }
    let op = try fields.cachedText("op")
    let print = try fields.withString("print") { bytes throws(FieldError) in
      guard let print = Fingerprint(hex: bytes.span) else {
        throw .invalid("print", "is not 64 lower-case hex digits")
      }
      return print
    }
    return KeyBinding(key: key, op: op, print: print)
  }
}
