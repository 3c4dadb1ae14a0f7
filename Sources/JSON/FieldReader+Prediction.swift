/// What stands at the cursor. Every member checks the end of the text before it moves the cursor;
/// reads may go up to 64 bytes further, the cursor never does.
extension FieldReader {
  /// Moves past the separator, the name and its colon when they stand here.
  @inlinable @inline(__always)
  mutating func matches(_ key: StaticString) -> Bool {
    let length = key.utf8CodeUnitCount
    // 4 bytes more than the name: separator, two quotes, colon.
    guard length &+ 4 <= end &- cursor else { return false }
    let here = bytes + cursor
    guard here[0] == separator, here[1] == 0x22 else { return false }
    guard FieldReader.same(here + 2, key.utf8Start, length) else { return false }
    guard here[length &+ 2] == 0x22, here[length &+ 3] == 0x3A else { return false }
    cursor &+= length &+ 4
    separator = 0x2C
    return true
  }

  /// Moves past the word when it stands here.
  @inlinable @inline(__always)
  mutating func take(_ word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard length <= end &- cursor else { return false }
    guard FieldReader.same(bytes + cursor, word.utf8Start, length) else { return false }
    cursor &+= length
    return true
  }

  /// Moves past the byte when it stands here.
  @inlinable @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard cursor < end, bytes[cursor] == byte else { return false }
    cursor &+= 1
    return true
  }

  /// Compares word by word; with a literal on the right the words become constants.
  @inlinable @inline(__always)
  static func same(
    _ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int
  ) -> Bool {
    let (leftRaw, rightRaw) = (UnsafeRawPointer(left), UnsafeRawPointer(right))
    if count >= 8 {
      var index = 0
      while index < count {
        let start = min(index, count &- 8)
        let leftWord = leftRaw.loadUnaligned(fromByteOffset: start, as: UInt64.self)
        let rightWord = rightRaw.loadUnaligned(fromByteOffset: start, as: UInt64.self)
        if leftWord != rightWord { return false }
        index &+= 8
      }
      return true
    }
    if count >= 4 {
      let last = count &- 4
      return leftRaw.loadUnaligned(as: UInt32.self) == rightRaw.loadUnaligned(as: UInt32.self)
        && leftRaw.loadUnaligned(fromByteOffset: last, as: UInt32.self)
          == rightRaw.loadUnaligned(fromByteOffset: last, as: UInt32.self)
    }
    for index in 0..<count where left[index] != right[index] { return false }
    return true
  }

  /// Where the contents of a string lie, and whether they are escaped.
  @frozen @usableFromInline
  struct StringPlace {
    @usableFromInline let start: Int
    @usableFromInline let close: Int
    @usableFromInline let escaped: Bool

    @inlinable @inline(__always)
    init(start: Int, close: Int, escaped: Bool) {
      self.start = start
      self.close = close
      self.escaped = escaped
    }
  }

  /// Moves past a string.
  @inlinable @inline(__always)
  mutating func predictedPlace() throws(FieldError) -> StringPlace {
    guard take(0x22) else { throw .unpredicted }
    let start = cursor
    var close = start &+ StringScan.firstSpecial(in: bytes + start)
    if close == start &+ 16 { close &+= StringScan.firstSpecial(in: bytes + close) }
    if close < end, bytes[close] == 0x22 {
      cursor = close &+ 1
      return StringPlace(start: start, close: close, escaped: false)
    }
    return try longPlace(from: start)
  }

  /// Moves past a string that is long, escaped or not ASCII.
  @inline(never)
  @usableFromInline
  mutating func longPlace(from start: Int) throws(FieldError) -> StringPlace {
    guard case .closed(let close, let escaped) = StringScan.scan(bytes, from: start, to: end)
    else { throw .unpredicted }
    cursor = close + 1
    return StringPlace(start: start, close: close, escaped: escaped)
  }

  /// Lends the decoded bytes of a string.
  @inlinable @inline(__always)
  mutating func predictedString<R>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(FieldError) -> R
  ) throws(FieldError) -> R {
    let place = try predictedPlace()
    guard place.escaped else {
      return try body(
        UnsafeBufferPointer(start: bytes + place.start, count: place.close &- place.start))
    }
    return try StringScan.unescaped(bytes, from: place.start, to: place.close)
      .withUnsafeBufferPointer(body)
  }

  /// Reads a string into a text of its own.
  @inline(never)
  @usableFromInline
  mutating func predictedText() throws(FieldError) -> Text {
    try predictedString { (contents) throws(FieldError) in Text(scanned: contents) }
  }

  /// Reads a string into a text that the cache may hold already.
  @inline(never)
  @usableFromInline
  mutating func predictedCachedText() throws(FieldError) -> Text {
    let place = try predictedPlace()
    let contents = UnsafeBufferPointer(
      start: bytes + place.start, count: place.close &- place.start)
    if place.escaped {
      return StringScan.unescaped(bytes, from: place.start, to: place.close)
        .withUnsafeBufferPointer { Text(scanned: $0) }
    }
    guard contents.count <= TextCache.longest, let table else { return Text(scanned: contents) }
    return table.text(bytes + place.start, contents.count)
  }

  /// Reads an integer; what is no integer but a number leaves the cursor where no member ends.
  @inline(never)
  @usableFromInline
  mutating func predictedInteger() throws(FieldError) -> Int64 {
    let negative = take(0x2D)
    let start = cursor
    var magnitude: UInt64 = 0
    // 18 digits cannot overflow; the next one is checked.
    while cursor < end, cursor &- start < 18, bytes[cursor] &- 0x30 < 10 {
      magnitude = magnitude &* 10 &+ UInt64(bytes[cursor] &- 0x30)
      cursor &+= 1
    }
    let length = cursor &- start
    guard length > 0, bytes[start] != 0x30 || length == 1 else { throw .unpredicted }
    if length == 18, cursor < end, bytes[cursor] &- 0x30 < 10 {
      magnitude = magnitude &* 10 &+ UInt64(bytes[cursor] &- 0x30)
      cursor &+= 1
    }
    let bound = UInt64(Int64.max) &+ (negative ? 1 : 0)
    guard magnitude <= bound else { throw .unpredicted }
    let value = Int64(bitPattern: magnitude)
    return negative ? 0 &- value : value
  }
}
