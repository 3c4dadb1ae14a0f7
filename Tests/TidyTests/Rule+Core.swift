extension Rule {
  /// Words that have no place in the core: floats, clocks, randomness, the world outside.
  private static let impure: Set<String> = [
    "Float", "Float16", "Float32", "Float64", "Float80", "Double", "CGFloat", "CDouble", "CFloat",
    "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Date", "Decimal", "UUID", "Locale",
    "TimeZone", "Calendar", "ContinuousClock", "SuspendingClock", "clock_gettime", "gettimeofday",
    "getentropy", "getrandom", "arc4random", "SystemRandomNumberGenerator", "getenv", "Task",
    "CommandLine", "fopen", "print", "readLine",
  ]
  /// Members of the standard library that draw random numbers.
  private static let drawing: Set<String> = [
    "random", "randomElement", "shuffle", "shuffled",
  ]

  static func impurities(in file: SourceFile) -> [Finding] {
    guard file.module == "Ledger" else { return [] }
    let tokens = file.tokens
    return tokens.indices.compactMap { index in
      let token = tokens[index]
      let before = index > 0 ? tokens[index - 1].text : ""
      let isCall = index + 1 < tokens.count && tokens[index + 1].text == "("
      if token.text == "print" {
        // The core's own word for a fingerprint; only a call writes to the terminal.
        guard isCall, before != ".", before != "func" else { return nil }
      } else if drawing.contains(token.text) {
        guard before == ".", isCall else { return nil }
      } else if !impure.contains(token.text) {
        guard isFloatLiteral(at: index, in: tokens) else { return nil }
      }
      return file.finding(token.line, "\(token.text) has no place in the core")
    }
  }

  /// Whether digits, a point and digits stand here, and not the members of a tuple.
  private static func isFloatLiteral(at index: Int, in tokens: [Token]) -> Bool {
    guard index + 2 < tokens.count, tokens[index + 1].text == ".", tokens[index + 1].isGlued,
      tokens[index + 2].isGlued, isNumber(tokens[index]), isNumber(tokens[index + 2])
    else { return false }
    return index == 0 || ![".", "$"].contains(tokens[index - 1].text)
  }

  private static func isNumber(_ token: Token) -> Bool {
    token.text.utf8.first.map { (0x30...0x39).contains($0) } ?? false
  }
}
