/// Walks over a whole text once and builds its values; `JSONParser` is its only user.
struct DocumentScanner {
  private let bytes: UnsafePointer<UInt8>
  private let end: Int
  private let limits: JSONLimits
  private let deepest: Int
  private var index = 0
  private var values = 0
  /// Where the names of the unfinished objects begin, the innermost object's last.
  private var nameOffsets: [Int] = []

  /// Reads `end` bytes, which must stay readable and unchanged for the life of the scanner.
  init(bytes: UnsafePointer<UInt8>, end: Int, limits: JSONLimits) {
    self.bytes = bytes
    self.end = end
    self.limits = limits
    deepest = min(limits.depth, JSONLimits.deepest)
  }

  /// Reads the one value of the text and makes sure that nothing follows.
  mutating func document() throws(JSONError) -> JSONValue {
    if end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      throw JSONError(offset: 0, reason: .byteOrderMark)
    }
    skipSpace()
    let value = try value(depth: 0)
    skipSpace()
    guard index == end else { throw JSONError(offset: index, reason: .trailingBytes) }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard index < end else { throw fault(.expectedValue) }
    values += 1
    guard values <= limits.values else { throw fault(.tooManyValues(limit: limits.values)) }
    switch bytes[index] {
    case 0x22: return .string(try string())
    case 0x7B: return .object(try object(depth: depth + 1))
    case 0x5B: return .array(try array(depth: depth + 1))
    case 0x2D, 0x30...0x39: return .number(try number())
    case 0x74: return try literal("true", .bool(true))
    case 0x66: return try literal("false", .bool(false))
    case 0x6E: return try literal("null", .null)
    default: throw fault(.expectedValue)
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    guard depth <= deepest else { throw fault(.tooDeep(limit: deepest)) }
    var members: [JSONObject.Member] = []
    let firstName = nameOffsets.count
    index += 1
    skipSpace()
    if !take(0x7D) {
      while true {
        guard index < end, bytes[index] == 0x22 else { throw fault(.expectedName) }
        nameOffsets.append(index)
        let name = try string()
        skipSpace()
        guard take(0x3A) else { throw fault(.expectedColon) }
        skipSpace()
        members.append(.init(name: name, value: try value(depth: depth)))
        skipSpace()
        if take(0x7D) { break }
        guard take(0x2C) else { throw fault(.expectedCommaOrBrace) }
        skipSpace()
      }
    }
    var duplicate = 0
    guard let object = JSONObject(members, onDuplicate: { duplicate = $0 }) else {
      throw JSONError(offset: nameOffsets[firstName + duplicate], reason: .duplicateName)
    }
    nameOffsets.removeSubrange(firstName...)
    return object
  }

  private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
    guard depth <= deepest else { throw fault(.tooDeep(limit: deepest)) }
    var elements: [JSONValue] = []
    index += 1
    skipSpace()
    if take(0x5D) { return elements }
    while true {
      elements.append(try value(depth: depth))
      skipSpace()
      if take(0x5D) { return elements }
      guard take(0x2C) else { throw fault(.expectedCommaOrBracket) }
      skipSpace()
    }
  }

  /// Reads a string whose opening quote is the next byte.
  private mutating func string() throws(JSONError) -> Text {
    let start = index + 1
    switch StringScan.scan(bytes, from: start, to: end) {
    case .closed(let close, let escaped):
      index = close + 1
      guard escaped else {
        return Text(scanned: UnsafeBufferPointer(start: bytes + start, count: close - start))
      }
      return StringScan.unescaped(bytes, from: start, to: close)
        .withUnsafeBufferPointer { Text(scanned: $0) }
    case .fault(let offset, let reason): throw JSONError(offset: offset, reason: reason)
    }
  }

  private mutating func number() throws(JSONError) -> JSONNumber {
    let rest = UnsafeBufferPointer(start: bytes + index, count: end - index)
    switch NumberScan.number(in: rest) {
    case .number(let length):
      index += length
      return JSONNumber(scanned: Text(scanned: UnsafeBufferPointer(rebasing: rest[..<length])))
    case .fault(let offset, let reason):
      throw JSONError(offset: index + offset, reason: reason)
    }
  }

  private mutating func literal(
    _ word: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    for offset in 0..<word.utf8CodeUnitCount {
      guard index < end, bytes[index] == word.utf8Start[offset] else {
        throw fault(.expectedValue)
      }
      index += 1
    }
    return value
  }

  /// Moves past the byte when it is the next one.
  private mutating func take(_ byte: UInt8) -> Bool {
    guard index < end, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func skipSpace() {
    while index < end {
      switch bytes[index] {
      case 0x20, 0x0A, 0x0D, 0x09: index += 1
      default: return
      }
    }
  }

  /// The fault at the cursor; past the last byte every fault is that the text has ended.
  private func fault(_ reason: JSONError.Reason) -> JSONError {
    JSONError(offset: index, reason: index < end ? reason : .unexpectedEnd)
  }
}
