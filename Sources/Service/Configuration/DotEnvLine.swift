/// Reads one line of `.env`.
enum DotEnvLine {
  /// The name and value of a line; nil for an empty line or a comment.
  static func read(
    _ line: ArraySlice<UInt8>
  ) throws(DotEnvFault) -> (name: String, value: String)? {
    let content = trimmed(line)
    if content.isEmpty || content.first == 0x23 { return nil }
    guard !line.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
      throw .controlCharacter
    }
    guard String(validating: content, as: UTF8.self) != nil else { throw .notUTF8 }
    let assignment = withoutExport(content)
    guard let equals = assignment.firstIndex(of: 0x3D) else { throw .noEqualsSign }
    let written = assignment[..<equals]
    let nameBytes = trimmed(written)
    guard isName(nameBytes) else { throw .badName }
    let name = String(decoding: nameBytes, as: UTF8.self)
    let value = assignment[(equals + 1)...]
    guard nameBytes.count == written.count, value.first.map(isBlank) != true else {
      throw .blankAtEqualsSign(name: name)
    }
    if let hash = value.firstIndex(of: 0x23) {
      throw hash > value.startIndex && isBlank(value[hash - 1])
        ? .hashInComment(name: name) : .hashInValue(name: name)
    }
    return (name, String(decoding: try unquoted(value, name: name), as: UTF8.self))
  }

  private static func unquoted(
    _ value: ArraySlice<UInt8>, name: String
  ) throws(DotEnvFault) -> ArraySlice<UInt8> {
    guard let quote = value.first, quote == 0x22 || quote == 0x27 else {
      // Blanks first: quotes of either kind cure them, and that is the milder advice.
      guard !value.contains(where: isBlank) else { throw .needsQuotes(name: name) }
      guard !value.contains(where: isShellSyntax), value.first != 0x7E else {
        throw .needsSingleQuotes(name: name)
      }
      return value
    }
    let inside = value.dropFirst()
    guard let end = inside.firstIndex(of: quote) else { throw .openQuote(name: name) }
    guard end + 1 == value.endIndex else { throw .textAfterQuote(name: name) }
    let text = inside[..<end]
    // In double quotes a shell expands these three and takes everything else as it stands.
    guard quote == 0x27 || !text.contains(where: { $0 == 0x24 || $0 == 0x60 || $0 == 0x5C })
    else { throw .needsSingleQuotes(name: name) }
    return text
  }

  private static func withoutExport(_ content: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let word = Array("export".utf8)
    guard content.starts(with: word), let after = content.dropFirst(word.count).first,
      isBlank(after)
    else { return content }
    return trimmed(content.dropFirst(word.count))
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = bytes.drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// Whether a shell would not take the byte literally in a bare value: " $ & ' ( ) ; < > \ ` |
  private static func isShellSyntax(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x22, 0x24, 0x26, 0x27, 0x28, 0x29, 0x3B, 0x3C, 0x3E, 0x5C, 0x60, 0x7C: true
    default: false
    }
  }

  private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first, !(0x30...0x39).contains(first) else { return false }
    return bytes.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
        || (0x61...0x7A).contains(byte) || byte == 0x5F
    }
  }
}
