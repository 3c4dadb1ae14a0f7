/// Why the members of an object could not be read as the fields that were asked for.
public enum FieldError: Error, Equatable, Sendable {
  /// The bytes are not what the writer would have written; parse them strictly and read again.
  case unpredicted
  /// The object has no member of this name.
  case missing(String)
  /// The member has a value of another kind, e.g. a number where a string belongs.
  case wrongType(String, expected: String)
  /// The member has the right kind, but its value is refused for the reason given.
  case invalid(String, String)
}
