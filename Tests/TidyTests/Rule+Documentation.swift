extension Rule {
  static func undocumentedTypes(in file: SourceFile) -> [Finding] {
    file.types.compactMap { type in
      guard !isSentence(documentation(above: type.line, in: file)) else { return nil }
      return file.finding(type.line, "\(type.name) has no doc sentence")
    }
  }

  /// The doc comment above a declaration; attributes may stand between.
  private static func documentation(above line: Int, in file: SourceFile) -> String {
    var found: [Substring] = []
    for text in file.lines[..<(line - 1)].reversed() {
      let content = text.drop { $0 == " " }
      if content.hasPrefix("///") {
        found.append(content.dropFirst(3))
      } else if !(found.isEmpty && (content.hasPrefix("@") || content.hasPrefix("#if"))) {
        break
      }
    }
    return found.reversed().joined(separator: "\n")
  }

  /// Several words that end somewhere.
  private static func isSentence(_ text: String) -> Bool {
    text.split(separator: " ").count > 2 && text.contains { ".:".contains($0) }
  }
}
