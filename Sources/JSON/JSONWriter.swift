/// Writes canonical JSON: no spaces, members in the order of the calls, the fewest escapes.
///
/// Escaped are `"`, `\` and bytes below 0x20 (`\b \t \n \f \r`, else `\u00xx` with lower-case
/// hex); `/`, 0x7F and everything beyond ASCII stand as they are. Commas come by themselves: one
/// is written before a value or key unless the buffer is empty or ends in `{`, `[`, `:` or a line
/// feed, so that lines can be collected in one buffer. The writer does not check that begin and
/// end calls pair up, or that values in an object have keys. Traps: never.
public struct JSONWriter: Sendable {
  /// Everything written so far; a caller may append bytes of its own, such as a line feed.
  public var bytes: [UInt8]

  /// Starts with an empty buffer.
  public init() {
    bytes = []
  }

  /// Starts with an empty buffer that holds so many bytes before it grows.
  public init(reserving capacity: Int) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// Empties the buffer and keeps its memory for the next line.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
  }

  /// Whether the next value or key needs a comma before it.
  @inlinable @inline(__always)
  var needsComma: Bool {
    let count = bytes.count
    guard count > 0 else { return false }
    let last = bytes[count &- 1]
    return last != 0x7B && last != 0x5B && last != 0x3A && last != 0x0A
  }

  /// Opens an object.
  @inlinable
  public mutating func beginObject() {
    open(0x7B)
  }

  /// Closes an object.
  @inlinable
  public mutating func endObject() {
    bytes.append(0x7D)
  }

  /// Opens an array.
  @inlinable
  public mutating func beginArray() {
    open(0x5B)
  }

  /// Closes an array.
  @inlinable
  public mutating func endArray() {
    bytes.append(0x5D)
  }

  @inlinable
  mutating func open(_ bracket: UInt8) {
    if needsComma { bytes.append(0x2C) }
    bytes.append(bracket)
  }

  /// Writes a member's name and colon; the name must need no escape.
  @inlinable
  public mutating func key(_ name: StaticString) {
    append(key: name, reserving: 0) { _ in 0 }
  }

  /// Writes a member's name and colon, escaped where needed.
  @_disfavoredOverload
  public mutating func key(_ name: Text) {
    string(name)
    bytes.append(0x3A)
  }

  /// Writes a string value.
  @_disfavoredOverload
  public mutating func string(_ value: Text) {
    if needsComma { bytes.append(0x2C) }
    value.withUTF8 { quoted($0) }
  }

  /// Writes a string value.
  @_disfavoredOverload
  public mutating func string(_ value: String) {
    string(Text(value))
  }

  /// Writes a string value.
  public mutating func string(_ value: StaticString) {
    if needsComma { bytes.append(0x2C) }
    value.withUTF8Buffer { quoted($0) }
  }

  /// Writes an integer in decimal.
  @inlinable
  public mutating func integer<T: FixedWidthInteger>(_ value: T) {
    if needsComma { bytes.append(0x2C) }
    if let small = Int64(exactly: value) {
      decimal(small)
    } else {
      bytes.append(contentsOf: String(value).utf8)
    }
  }

  /// Writes `true` or `false`.
  public mutating func boolean(_ value: Bool) {
    raw(value ? "true" : "false")
  }

  /// Writes `null`.
  public mutating func null() {
    raw("null")
  }

  /// Writes a number as it was read.
  public mutating func number(_ value: JSONNumber) {
    if needsComma { bytes.append(0x2C) }
    value.text.withUTF8 { bytes.append(contentsOf: $0) }
  }

  /// Writes a string whose contents the caller appends; they must need no escape.
  @inlinable
  public mutating func quotedASCII(_ body: (inout [UInt8]) -> Void) {
    if needsComma { bytes.append(0x2C) }
    bytes.append(0x22)
    body(&bytes)
    bytes.append(0x22)
  }

  /// Writes a literal that is its own JSON.
  private mutating func raw(_ literal: StaticString) {
    if needsComma { bytes.append(0x2C) }
    literal.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }
}
