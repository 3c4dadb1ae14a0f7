extension Rule {
  static func longFile(_ file: SourceFile) -> [Finding] {
    guard file.lines.count > 400 else { return [] }
    return [file.finding(401, "\(file.lines.count) lines, 400 is the end")]
  }

  static func longLines(in file: SourceFile) -> [Finding] {
    file.lines.enumerated().compactMap { index, line in
      let columns = line.unicodeScalars.count
      guard columns > 100 else { return nil }
      return file.finding(index + 1, "\(columns) columns, 100 is the end")
    }
  }

  static func longFunctions(in file: SourceFile) -> [Finding] {
    let tokens = file.tokens
    return tokens.indices.compactMap { index in
      guard begins(index, in: tokens), let last = end(ofFunctionAt: index, in: tokens) else {
        return nil
      }
      let length = tokens[last].line - tokens[index].line + 1
      guard length > 70 else { return nil }
      return file.finding(tokens[index].line, "a function of \(length) lines, 70 is the end")
    }
  }

  /// Whether a function is declared here, and not called or named.
  private static func begins(_ index: Int, in tokens: [Token]) -> Bool {
    let before = index > 0 ? tokens[index - 1].text : ""
    guard before != ".", index + 1 < tokens.count else { return false }
    switch tokens[index].text {
    case "func": return true
    case "deinit": return tokens[index + 1].text == "{"
    case "init", "subscript": return ["(", "<", "?"].contains(tokens[index + 1].text)
    default: return false
    }
  }

  /// The token that closes the body; nil for a requirement without one.
  private static func end(ofFunctionAt start: Int, in tokens: [Token]) -> Int? {
    var parentheses = 0
    var braces = 0
    for index in (start + 1)..<tokens.count {
      switch tokens[index].text {
      case "(", "[": parentheses += 1
      case ")", "]": parentheses -= 1
      case "{" where parentheses == 0: braces += 1
      case "}" where parentheses == 0:
        braces -= 1
        if braces <= 0 { return braces == 0 ? index : nil }
      case "func", "init", "var", "let", "case", "subscript":
        if braces == 0, parentheses == 0, tokens[index - 1].text != "." { return nil }
      default: break
      }
    }
    return nil
  }
}
