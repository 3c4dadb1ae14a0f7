/// Reads the members of one object by name, so that each event reads its `data` in one place.
///
/// There are two sources behind one interface. *Predicting*: bytes that `JSONWriter` wrote, with
/// the members in the order of the calls; each call compares the expected name at the cursor and
/// moves on, and any surprise throws `FieldError.unpredicted`, after which the caller parses the
/// same bytes strictly and reads again. *Tree*: members of a parsed object, found in any order,
/// unknown ones ignored. A predicted read that gets past `finish()` has checked every byte, so it
/// accepts nothing that `JSONParser` under `JSONLimits.line` refuses. Traps: never.
@safe
public struct FieldReader {
  /// Predicting: the text; `{` stands at index 0.
  @usableFromInline let bytes: UnsafePointer<UInt8>
  /// Predicting: the length of the text; 64 bytes more may be read but mean nothing. Tree: 0, so
  /// that no name ever stands at the cursor and every call goes on to the tree.
  @usableFromInline let end: Int
  /// Predicting: the index of the byte that must come before the next name.
  @usableFromInline var cursor: Int
  /// Predicting: that byte, `{` for the first name, then a comma; 0 when the object is finished.
  @usableFromInline var separator: UInt8
  /// Tree: the object; nil when predicting.
  @usableFromInline let tree: JSONObject?
  /// Keeps the table below alive.
  @usableFromInline let cache: TextCache?
  @usableFromInline let table: TextCache.Table?

  /// Bytes after the text that must be readable when predicting.
  public static let slack = 64

  /// Predicts the members of the object at the beginning of the bytes.
  ///
  /// The bytes must stay as they are while the reader is in use; `slack` bytes after `count` must
  /// be readable.
  @inlinable
  public init(predicting bytes: UnsafePointer<UInt8>, count: Int) {
    self.init(predicting: bytes, count: count, cache: nil)
  }

  /// Predicts as above, and takes the texts of `cachedText` from the cache.
  @inlinable
  public init(predicting bytes: UnsafePointer<UInt8>, count: Int, cache: TextCache?) {
    self.init(bytes: bytes, end: count, cursor: 0, separator: 0x7B, tree: nil, cache: cache)
  }

  /// Reads a parsed object.
  @inlinable
  public init(_ object: JSONObject) {
    self.init(object, cache: nil)
  }

  /// Reads a parsed object, and takes the texts of `cachedText` from the cache.
  @inlinable
  public init(_ object: JSONObject, cache: TextCache?) {
    self.init(
      bytes: FieldReader.nothing, end: 0, cursor: 0, separator: 0, tree: object, cache: cache)
  }

  @inlinable @inline(__always)
  init(
    bytes: UnsafePointer<UInt8>, end: Int, cursor: Int, separator: UInt8, tree: JSONObject?,
    cache: TextCache?
  ) {
    self.bytes = bytes
    self.end = end
    self.cursor = cursor
    self.separator = separator
    self.tree = tree
    self.cache = cache
    table = cache?.table
  }

  /// What `bytes` points at when there are none.
  @usableFromInline
  static var nothing: UnsafePointer<UInt8> { ("" as StaticString).utf8Start }

  /// Whether this reader predicts; a tree reader never throws `unpredicted`.
  @inlinable public var isPredicting: Bool { tree == nil }

  /// Predicting: bytes read so far; after `finish()` the index just past the closing brace.
  @inlinable public var consumed: Int { cursor }

  /// The text of a member.
  /// - Throws: `missing`, `wrongType`, or `unpredicted`.
  @inlinable @inline(__always)
  public mutating func text(_ key: StaticString) throws(FieldError) -> Text {
    guard matches(key) else { return try treeText(key) }
    return try predictedText()
  }

  /// The text of a member, nil when there is none.
  /// - Throws: `wrongType`, or `unpredicted`.
  @inlinable @inline(__always)
  public mutating func optionalText(_ key: StaticString) throws(FieldError) -> Text? {
    guard matches(key) else { return tree == nil ? nil : try optionalTreeText(key) }
    return try predictedText()
  }

  /// The text of a member; predicting with a cache, equal short texts share their memory.
  /// - Throws: `missing`, `wrongType`, or `unpredicted`.
  @inlinable @inline(__always)
  public mutating func cachedText(_ key: StaticString) throws(FieldError) -> Text {
    guard matches(key) else { return try treeText(key) }
    return try predictedCachedText()
  }

  /// As `cachedText`, nil when there is no such member.
  /// - Throws: `wrongType`, or `unpredicted`.
  @inlinable @inline(__always)
  public mutating func optionalCachedText(_ key: StaticString) throws(FieldError) -> Text? {
    guard matches(key) else { return tree == nil ? nil : try optionalTreeText(key) }
    return try predictedCachedText()
  }

  /// The integer of a member.
  /// - Throws: `missing`, `wrongType`, `invalid` past 64 signed bits, or `unpredicted`.
  @inlinable @inline(__always)
  public mutating func integer(_ key: StaticString) throws(FieldError) -> Int64 {
    guard matches(key) else { return try treeInteger(key) }
    return try predictedInteger()
  }

  /// The integer of a member, nil when there is none.
  /// - Throws: `wrongType`, `invalid` past 64 signed bits, or `unpredicted`.
  @inlinable @inline(__always)
  public mutating func optionalInteger(_ key: StaticString) throws(FieldError) -> Int64? {
    guard matches(key) else { return tree == nil ? nil : try optionalTreeInteger(key) }
    return try predictedInteger()
  }

  /// The truth value of a member.
  /// - Throws: `missing`, `wrongType`, or `unpredicted`.
  @inlinable @inline(__always)
  public mutating func boolean(_ key: StaticString) throws(FieldError) -> Bool {
    guard matches(key) else { return try treeBoolean(key) }
    if take("true") { return true }
    if take("false") { return false }
    throw .unpredicted
  }

  /// Whether the member is there; only `true` may be written.
  /// - Throws: `wrongType`, `invalid` for `false`, or `unpredicted`.
  @inlinable @inline(__always)
  public mutating func flag(_ key: StaticString) throws(FieldError) -> Bool {
    guard matches(key) else { return tree == nil ? false : try treeFlag(key) }
    guard take("true") else { throw .unpredicted }
    return true
  }

  /// The decoded bytes of a string member, without making a text of them.
  ///
  /// The closure runs at most once; the pointer must not leave it. Predicting, the bytes are those
  /// of the line itself when nothing is escaped.
  /// - Throws: `missing`, `wrongType`, `unpredicted`, or what the closure throws.
  @inlinable @inline(__always)
  public mutating func withString<R>(
    _ key: StaticString, _ body: (UnsafeBufferPointer<UInt8>) throws(FieldError) -> R
  ) throws(FieldError) -> R {
    guard matches(key) else { return try treeText(key).withUTF8(body) }
    return try predictedString(body)
  }

  /// The decoded bytes of a string member as above, nil when there is none.
  /// - Throws: `wrongType`, `unpredicted`, or what the closure throws.
  @inlinable @inline(__always)
  public mutating func withOptionalString<R>(
    _ key: StaticString, _ body: (UnsafeBufferPointer<UInt8>) throws(FieldError) -> R
  ) throws(FieldError) -> R? {
    guard matches(key) else {
      return tree == nil ? nil : try optionalTreeText(key)?.withUTF8(body)
    }
    return try predictedString(body)
  }

  /// A reader of the object in a member; predicting, it must be finished and then handed to
  /// `resume(after:)` before the next member is read.
  /// - Throws: `missing`, `wrongType`, or `unpredicted`.
  @inlinable @inline(__always)
  public mutating func nested(_ key: StaticString) throws(FieldError) -> FieldReader {
    guard matches(key) else { return FieldReader(try treeObject(key), cache: cache) }
    return FieldReader(
      bytes: bytes, end: end, cursor: cursor, separator: 0x7B, tree: nil, cache: cache)
  }

  /// Goes on after the object that `nested` has read.
  /// - Throws: `unpredicted` when that reader is not finished or read other bytes.
  @inlinable
  public mutating func resume(after nested: FieldReader) throws(FieldError) {
    guard tree == nil else { return }
    guard nested.separator == 0, nested.bytes == bytes, nested.cursor > cursor else {
      throw .unpredicted
    }
    cursor = nested.cursor
  }

  /// Makes sure that the object ends here; a tree may have more members.
  /// - Throws: `unpredicted`.
  @inlinable
  public mutating func finish() throws(FieldError) {
    guard tree == nil else { return }
    if separator == 0x7B {
      guard cursor < end, bytes[cursor] == 0x7B else { throw .unpredicted }
      cursor &+= 1
    }
    guard separator != 0, cursor < end, bytes[cursor] == 0x7D else { throw .unpredicted }
    cursor &+= 1
    separator = 0
  }
}
