extension Rule {
  /// Words that say nothing about a thing that has a real noun.
  private static let banned: Set<String> = [
    "Manager", "Managers", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Common",
    "Misc", "Handler", "Handlers",
  ]

  static func bannedNames(in file: SourceFile) -> [Finding] {
    file.types.compactMap { type in
      guard let word = words(of: type.name).first(where: banned.contains) else { return nil }
      return file.finding(type.line, "\(type.name): \(word) is no noun of ours")
    }
  }

  /// `HTTPRequestHandler` is HTTP, Request, Handler: a word begins at a capital that follows a
  /// small letter or stands before one.
  private static func words(of name: String) -> [String] {
    let letters = Array(name)
    var words: [String] = []
    for (index, letter) in letters.enumerated() {
      let followsSmall = index > 0 && !letters[index - 1].isUppercase
      let standsBeforeSmall = index + 1 < letters.count && letters[index + 1].isLowercase
      if words.isEmpty || (letter.isUppercase && (followsSmall || standsBeforeSmall)) {
        words.append("")
      }
      words[words.count - 1].append(letter)
    }
    return words
  }

  /// A module's name must lead to the module, not to a type in it.
  static func moduleNames(in file: SourceFile) -> [Finding] {
    let modules: Set<String> = [
      "JSON", "Digest", "Ledger", "Journal", "Rails", "HTTP", "Service", "Workbench", "Courier",
    ]
    return file.types.filter { modules.contains($0.name) }.map {
      file.finding($0.line, "the type \($0.name) is named like a module")
    }
  }
}
