/// One JSON value as RFC 8259 has it, numbers as their text.
public enum JSONValue: Equatable, Sendable {
  /// The literal `null`.
  case null
  /// The literals `true` and `false`.
  case bool(Bool)
  /// A number as it was written.
  case number(JSONNumber)
  /// A string, its escapes decoded.
  case string(Text)
  /// Elements in written order.
  case array([JSONValue])
  /// Members in written order, no name twice.
  case object(JSONObject)
}

extension JSONValue {
  /// The text of a string, nil for every other kind.
  public var text: Text? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The members of an object, nil for every other kind.
  public var object: JSONObject? {
    guard case .object(let object) = self else { return nil }
    return object
  }

  /// The elements of an array, nil for every other kind.
  public var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The kind in one word, as error sentences name it.
  public var kind: StaticString {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}
