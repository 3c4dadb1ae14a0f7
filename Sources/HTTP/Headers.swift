/// An ordered list of header fields whose names compare without regard to ASCII case.
///
/// One byte array holds all text and one array the places of the fields in it, so a parsed
/// request costs two allocations however many fields it has. Strings are made when asked for.
public struct Headers: Sendable, ExpressibleByDictionaryLiteral {
  /// Where one field's name and value lie in `bytes`.
  struct Field: Sendable {
    var nameStart: Int32
    var nameCount: Int32
    var valueStart: Int32
    var valueCount: Int32
  }

  /// The text that the fields point into: a whole request head, or only lines added here.
  private(set) var bytes: [UInt8]
  private(set) var fields: [Field]
  /// Whether `bytes` is exactly the fields as `name: value CRLF` lines, ready to be sent.
  private(set) var isWireForm: Bool
  /// Whether a field is among those that the server writes itself.
  private(set) var hasReserved = false

  /// An empty list.
  public init() {
    bytes = []
    fields = []
    isWireForm = true
  }

  /// A list in the order of the literal; names may repeat.
  public init(dictionaryLiteral elements: (String, String)...) {
    self.init()
    for (name, value) in elements { append(name, value) }
  }

  /// Fields found by a parser in a message head.
  init(head: [UInt8], fields: [Field]) {
    bytes = head
    self.fields = fields
    isWireForm = false
  }

  /// How many fields there are, repeated names counted each time.
  public var count: Int { fields.count }

  /// All fields in order, as text; bytes that are not UTF-8 become U+FFFD.
  public var all: [(name: String, value: String)] {
    fields.map { (text($0.nameStart, $0.nameCount), text($0.valueStart, $0.valueCount)) }
  }

  /// The first value under the name, or nil.
  public subscript(_ name: String) -> String? {
    guard let field = firstField(name) else { return nil }
    return text(field.valueStart, field.valueCount)
  }

  /// Every value under the name, in order.
  public func values(_ name: String) -> [String] {
    fields.filter { isNamed($0, name) }.map { text($0.valueStart, $0.valueCount) }
  }

  /// The bytes of the first value as they were sent, or nil.
  public func bytes(of name: String) -> [UInt8]? {
    guard let field = firstField(name) else { return nil }
    return Array(bytes[Int(field.valueStart)..<Int(field.valueStart + field.valueCount)])
  }

  /// Whether a field of the name is there.
  public func contains(_ name: String) -> Bool { firstField(name) != nil }

  /// Whether `append` takes it as a name, for names that are not ours.
  public static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy(ByteClass.isToken)
  }

  /// Adds a field at the end.
  ///
  /// A control byte in the value would let its author write headers of his own: each becomes
  /// a space. Traps on a name that is not a token: names are ours.
  public mutating func append(_ name: String, _ value: String) {
    invariant(Headers.isName(name), "header name \(name)")
    if !isWireForm { rebuild { _ in true } }
    if Headers.isReserved(name) { hasReserved = true }
    let nameStart = bytes.count
    bytes.append(contentsOf: name.utf8)
    let nameCount = bytes.count - nameStart
    bytes.append(ByteClass.colon)
    bytes.append(ByteClass.space)
    let valueStart = bytes.count
    bytes.append(contentsOf: value.utf8)
    for index in valueStart..<bytes.count where !ByteClass.isFieldValue(bytes[index]) {
      bytes[index] = ByteClass.space
    }
    let valueCount = bytes.count - valueStart
    bytes.append(ByteClass.carriageReturn)
    bytes.append(ByteClass.lineFeed)
    fields.append(
      Field(
        nameStart: Int32(nameStart), nameCount: Int32(nameCount),
        valueStart: Int32(valueStart), valueCount: Int32(valueCount)))
  }

  /// Replaces every field of the name by one at the end.
  public mutating func set(_ name: String, _ value: String) {
    remove(name)
    append(name, value)
  }

  /// Removes every field of the name.
  public mutating func remove(_ name: String) {
    guard contains(name) else { return }
    let before = self
    rebuild { !before.isNamed($0, name) }
  }

  /// Whether the server alone writes this field, because it speaks about the connection.
  static func isReserved(_ name: String) -> Bool {
    switch name.utf8.count {
    case 4, 10, 12, 14, 17:
      [
        "date", "connection", "keep-alive", "x-request-id", "content-length",
        "transfer-encoding",
      ].contains(name.lowercased())
    default: false
    }
  }

  private mutating func rebuild(_ keep: (Field) -> Bool) {
    var copy = Headers()
    for field in fields where keep(field) {
      copy.append(
        text(field.nameStart, field.nameCount), text(field.valueStart, field.valueCount))
    }
    self = copy
  }

  private func firstField(_ name: String) -> Field? {
    for field in fields where isNamed(field, name) { return field }
    return nil
  }

  private func isNamed(_ field: Field, _ name: String) -> Bool {
    if Int(field.nameCount) != name.utf8.count { return false }
    var place = Int(field.nameStart)
    for byte in name.utf8 {
      if ByteClass.lowered(bytes[place]) != ByteClass.lowered(byte) { return false }
      place += 1
    }
    return true
  }

  private func text(_ start: Int32, _ count: Int32) -> String {
    String(decoding: bytes[Int(start)..<Int(start + count)], as: UTF8.self)
  }
}

extension Headers: Equatable {
  /// Same fields, same order, byte for byte.
  public static func == (left: Headers, right: Headers) -> Bool {
    left.fields.count == right.fields.count
      && zip(left.fields, right.fields).allSatisfy { one, other in
        left.slice(one.nameStart, one.nameCount)
          == right.slice(other.nameStart, other.nameCount)
          && left.slice(one.valueStart, one.valueCount)
            == right.slice(other.valueStart, other.valueCount)
      }
  }

  private func slice(_ start: Int32, _ count: Int32) -> ArraySlice<UInt8> {
    bytes[Int(start)..<Int(start + count)]
  }
}
