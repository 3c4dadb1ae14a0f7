extension Rule {
  /// `try!`, `as!`, `try?`, and `!` behind a value or a type.
  static func forcedExpressions(in file: SourceFile) -> [Finding] {
    let tokens = file.tokens
    return tokens.indices.dropFirst().compactMap { index in
      let mark = tokens[index]
      let before = tokens[index - 1]
      guard mark.isGlued, mark.text == "!" || mark.text == "?" else { return nil }
      if before.text == "try" || (before.text == "as" && mark.text == "!") {
        return file.finding(mark.line, "\(before.text)\(mark.text)")
      }
      guard mark.text == "!", !isNotEqual(index, in: tokens) else { return nil }
      guard before.isWord || [")", "]", "}", "\"", "`"].contains(before.text) else { return nil }
      return file.finding(mark.line, "\(before.text)! stops the program when it is nil")
    }
  }

  private static func isNotEqual(_ index: Int, in tokens: [Token]) -> Bool {
    guard index + 1 < tokens.count else { return false }
    return tokens[index + 1].isGlued && tokens[index + 1].text == "="
  }
}
