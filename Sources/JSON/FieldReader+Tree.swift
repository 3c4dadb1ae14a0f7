/// Where a read goes when its name does not stand at the cursor; without a tree to look in, a
/// required member is a surprise.
extension FieldReader {
  @inline(never)
  @usableFromInline
  func treeText(_ key: StaticString) throws(FieldError) -> Text {
    try required(key).readText(key)
  }

  @inline(never)
  @usableFromInline
  func optionalTreeText(_ key: StaticString) throws(FieldError) -> Text? {
    try tree?.optional(key)?.readText(key)
  }

  @inline(never)
  @usableFromInline
  func treeInteger(_ key: StaticString) throws(FieldError) -> Int64 {
    try required(key).readInteger(key)
  }

  @inline(never)
  @usableFromInline
  func optionalTreeInteger(_ key: StaticString) throws(FieldError) -> Int64? {
    try tree?.optional(key)?.readInteger(key)
  }

  @inline(never)
  @usableFromInline
  func treeBoolean(_ key: StaticString) throws(FieldError) -> Bool {
    try required(key).readBoolean(key)
  }

  @inline(never)
  @usableFromInline
  func treeFlag(_ key: StaticString) throws(FieldError) -> Bool {
    guard let value = tree?.optional(key) else { return false }
    guard try value.readBoolean(key) else {
      throw .invalid("\(key)", "false is expressed by leaving the member out")
    }
    return true
  }

  @inline(never)
  @usableFromInline
  func treeObject(_ key: StaticString) throws(FieldError) -> JSONObject {
    try required(key).readObject(key)
  }

  private func required(_ key: StaticString) throws(FieldError) -> JSONValue {
    guard let tree else { throw .unpredicted }
    guard let value = tree.optional(key) else { throw .missing("\(key)") }
    return value
  }
}

/// Reading a member of a parsed object as one of our kinds.
extension JSONObject {
  /// The value of a member, nil when there is none.
  func optional(_ key: StaticString) -> JSONValue? {
    key.withUTF8Buffer { value(named: $0) }
  }
}

extension JSONValue {
  func readText(_ key: StaticString) throws(FieldError) -> Text {
    guard case .string(let text) = self else {
      throw .wrongType("\(key)", expected: "string")
    }
    return text
  }

  func readInteger(_ key: StaticString) throws(FieldError) -> Int64 {
    guard case .number(let number) = self, number.isWrittenAsInteger else {
      throw .wrongType("\(key)", expected: "integer")
    }
    guard let integer = number.integer() else {
      throw .invalid("\(key)", "the integer does not fit 64 signed bits")
    }
    return integer
  }

  func readBoolean(_ key: StaticString) throws(FieldError) -> Bool {
    guard case .bool(let flag) = self else {
      throw .wrongType("\(key)", expected: "boolean")
    }
    return flag
  }

  func readObject(_ key: StaticString) throws(FieldError) -> JSONObject {
    guard case .object(let object) = self else {
      throw .wrongType("\(key)", expected: "object")
    }
    return object
  }

  func readTexts(_ key: StaticString) throws(FieldError) -> [Text] {
    guard case .array(let elements) = self else {
      throw .wrongType("\(key)", expected: "array of strings")
    }
    var texts: [Text] = []
    texts.reserveCapacity(elements.count)
    for element in elements { texts.append(try element.readText(key)) }
    return texts
  }

  func readObjects(_ key: StaticString) throws(FieldError) -> [JSONObject] {
    guard case .array(let elements) = self else {
      throw .wrongType("\(key)", expected: "array of objects")
    }
    var objects: [JSONObject] = []
    for element in elements { objects.append(try element.readObject(key)) }
    return objects
  }

  func readMap<Value>(
    _ key: StaticString, _ read: (JSONValue) throws(FieldError) -> Value
  ) throws(FieldError) -> [(Text, Value)] {
    var entries: [(Text, Value)] = []
    for member in try readObject(key).members {
      entries.append((member.name, try read(member.value)))
    }
    return entries
  }
}
