/// Key and value in one call: the shape that every event uses. Keys must need no escape.
extension JSONWriter {
  /// Writes a member with a string value.
  @inlinable
  @_disfavoredOverload
  public mutating func field(_ key: StaticString, _ value: Text) {
    value.withUTF8 { member(key, $0) }
  }

  /// Writes a member with a string value.
  @inlinable
  @_disfavoredOverload
  public mutating func field(_ key: StaticString, _ value: String) {
    Text(value).withUTF8 { member(key, $0) }
  }

  /// Writes a member with a string value.
  @inlinable
  public mutating func field(_ key: StaticString, _ value: StaticString) {
    value.withUTF8Buffer { member(key, $0) }
  }

  /// Writes a member with an integer value.
  @inlinable
  public mutating func field(_ key: StaticString, _ value: Int64) {
    append(key: key, reserving: Decimal64.longest) { Decimal64.write(value, to: $0) }
  }

  /// Writes a member with an integer value.
  @inlinable
  public mutating func field(_ key: StaticString, _ value: Int) {
    field(key, Int64(value))
  }

  /// Writes a member with an integer value.
  @inlinable
  public mutating func field(_ key: StaticString, _ value: UInt64) {
    if let small = Int64(exactly: value) {
      field(key, small)
    } else {
      self.key(key)
      integer(value)
    }
  }

  /// Writes a member with a boolean value.
  @inlinable
  public mutating func field(_ key: StaticString, _ value: Bool) {
    self.key(key)
    boolean(value)
  }

  /// Writes a member with a string value, and nothing for nil.
  @inlinable
  public mutating func optional(_ key: StaticString, _ value: Text?) {
    if let value { field(key, value) }
  }

  /// Writes a member with an integer value, and nothing for nil.
  @inlinable
  public mutating func optional(_ key: StaticString, _ value: Int64?) {
    if let value { field(key, value) }
  }

  /// Writes a member with the value `true`, and nothing for false.
  @inlinable
  public mutating func flag(_ key: StaticString, _ value: Bool) {
    if value { field(key, true) }
  }

  /// Writes a member with a string of bytes that are UTF-8.
  @inlinable @inline(__always)
  mutating func member(_ key: StaticString, _ text: UnsafeBufferPointer<UInt8>) {
    var copied = 0
    append(key: key, reserving: text.count &+ 2) { output in
      let (plain, length) = PlainCopy.quoted(text, to: output)
      copied = plain
      return length
    }
    if copied < text.count { appendRest(of: text, from: copied) }
  }
}
