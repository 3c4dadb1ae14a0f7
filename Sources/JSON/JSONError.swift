/// Why a text is not JSON that we take, and at which byte.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The closed list of reasons. None of them quotes the text: it may hold a secret.
  public enum Reason: Equatable, Sendable {
    case unexpectedEnd
    case byteOrderMark
    case expectedValue
    case expectedName
    case expectedColon
    case expectedCommaOrBracket
    case expectedCommaOrBrace
    case leadingZero
    case expectedDigit
    case controlByte
    case invalidEscape
    case loneSurrogate
    case invalidUTF8
    case duplicateName
    case trailingBytes
    case tooLong(limit: Int)
    case tooDeep(limit: Int)
    case tooManyValues(limit: Int)
  }

  /// Bytes before the fault: the first byte that cannot stand where it stands.
  ///
  /// The number of all bytes for `unexpectedEnd`; the limit for `tooLong`; the backslash for a
  /// faulty escape; the opening quote of the second name for `duplicateName`; the zero for
  /// `leadingZero`; the first byte of the sequence for `invalidUTF8`.
  public let offset: Int
  /// What is wrong there.
  public let reason: Reason

  /// Puts an offset in bytes and a reason together.
  public init(offset: Int, reason: Reason) {
    self.offset = offset
    self.reason = reason
  }

  public var description: String { "\(reason.sentence) (byte \(offset))" }
}

extension JSONError.Reason {
  /// The reason for a human reader.
  public var sentence: String {
    switch self {
    case .unexpectedEnd: "the text ends before the value is complete"
    case .byteOrderMark: "the text begins with a byte order mark"
    case .expectedValue: "a value is expected here"
    case .expectedName: "a member name in double quotes is expected here"
    case .expectedColon: "a colon is expected here"
    case .expectedCommaOrBracket: "a comma or a closing bracket is expected here"
    case .expectedCommaOrBrace: "a comma or a closing brace is expected here"
    case .leadingZero: "a number has a leading zero"
    case .expectedDigit: "a digit is expected here"
    case .controlByte: "a control byte stands unescaped in a string"
    case .invalidEscape: "this escape does not exist"
    case .loneSurrogate: "half of a surrogate pair stands alone"
    case .invalidUTF8: "these bytes are not UTF-8"
    case .duplicateName: "this member name was already used in the same object"
    case .trailingBytes: "bytes follow after the value"
    case .tooLong(let limit): "the text is longer than \(limit) bytes"
    case .tooDeep(let limit): "values are nested deeper than \(limit) levels"
    case .tooManyValues(let limit): "there are more than \(limit) values"
    }
  }
}
