/// Members that hold several values. These are rare, so nothing here is inlined.
extension FieldReader {
  /// An object of strings in written order.
  ///
  /// Predicting, the names must rise by their bytes, as the canonical form has them.
  /// - Throws: `missing`, `wrongType`, or `unpredicted`.
  public mutating func textMap(_ key: StaticString) throws(FieldError) -> [(Text, Text)] {
    guard let map = try optionalTextMap(key) else { throw absent(key) }
    return map
  }

  /// An object of strings in written order as above, nil when there is none.
  /// - Throws: `wrongType`, or `unpredicted`.
  public mutating func optionalTextMap(
    _ key: StaticString
  ) throws(FieldError) -> [(Text, Text)]? {
    if let tree {
      return try tree.optional(key)?.readMap(key) { (value) throws(FieldError) in
        try value.readText(key)
      }
    }
    guard matches(key) else { return nil }
    return try predictedMap { (reader) throws(FieldError) in try reader.predictedText() }
  }

  /// An object of integers in written order.
  ///
  /// Predicting, the names must rise by their bytes, as the canonical form has them.
  /// - Throws: `missing`, `wrongType`, `invalid` past 64 signed bits, or `unpredicted`.
  public mutating func integerMap(_ key: StaticString) throws(FieldError) -> [(Text, Int64)] {
    guard let map = try optionalIntegerMap(key) else { throw absent(key) }
    return map
  }

  /// An object of integers in written order as above, nil when there is none.
  /// - Throws: `wrongType`, `invalid` past 64 signed bits, or `unpredicted`.
  public mutating func optionalIntegerMap(
    _ key: StaticString
  ) throws(FieldError) -> [(Text, Int64)]? {
    if let tree {
      return try tree.optional(key)?.readMap(key) { (value) throws(FieldError) in
        try value.readInteger(key)
      }
    }
    guard matches(key) else { return nil }
    return try predictedMap { (reader) throws(FieldError) in try reader.predictedInteger() }
  }

  /// An array of strings.
  /// - Throws: `missing`, `wrongType`, or `unpredicted`.
  public mutating func texts(_ key: StaticString) throws(FieldError) -> [Text] {
    guard let texts = try optionalTexts(key) else { throw absent(key) }
    return texts
  }

  /// An array of strings, nil when there is none.
  /// - Throws: `wrongType`, or `unpredicted`.
  public mutating func optionalTexts(_ key: StaticString) throws(FieldError) -> [Text]? {
    if let tree { return try tree.optional(key)?.readTexts(key) }
    guard matches(key) else { return nil }
    guard take(0x5B) else { throw .unpredicted }
    var texts: [Text] = []
    if take(0x5D) { return texts }
    while true {
      texts.append(try predictedText())
      if take(0x5D) { return texts }
      guard take(0x2C) else { throw .unpredicted }
    }
  }

  /// An array of objects; `read` takes the members of each.
  /// - Throws: `missing`, `wrongType`, `unpredicted`, or what `read` throws.
  public mutating func objects<Value>(
    _ key: StaticString, _ read: (inout FieldReader) throws(FieldError) -> Value
  ) throws(FieldError) -> [Value] {
    if let tree {
      guard let value = tree.optional(key) else { throw .missing("\(key)") }
      var values: [Value] = []
      for object in try value.readObjects(key) {
        var fields = FieldReader(object, cache: cache)
        values.append(try read(&fields))
      }
      return values
    }
    guard matches(key), take(0x5B) else { throw .unpredicted }
    var values: [Value] = []
    if take(0x5D) { return values }
    while true {
      var fields = FieldReader(
        bytes: bytes, end: end, cursor: cursor, separator: 0x7B, tree: nil, cache: cache)
      values.append(try read(&fields))
      try fields.finish()
      cursor = fields.cursor
      if take(0x5D) { return values }
      guard take(0x2C) else { throw .unpredicted }
    }
  }

  /// What a required member's absence means for this source.
  private func absent(_ key: StaticString) -> FieldError {
    isPredicting ? .unpredicted : .missing("\(key)")
  }

  private mutating func predictedMap<Value>(
    _ read: (inout FieldReader) throws(FieldError) -> Value
  ) throws(FieldError) -> [(Text, Value)] {
    guard take(0x7B) else { throw .unpredicted }
    var entries: [(Text, Value)] = []
    if take(0x7D) { return entries }
    while true {
      let name = try predictedText()
      // Rising names also mean that none stands twice.
      if let last = entries.last { guard last.0 < name else { throw .unpredicted } }
      guard take(0x3A) else { throw .unpredicted }
      entries.append((name, try read(&self)))
      if take(0x7D) { return entries }
      guard take(0x2C) else { throw .unpredicted }
    }
  }
}
