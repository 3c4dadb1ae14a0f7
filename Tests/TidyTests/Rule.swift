/// A place in the sources that breaks a rule.
struct Finding: Equatable, CustomStringConvertible {
  let path: String
  let line: Int
  let what: String

  var description: String { "\(path):\(line): \(what)" }
}

/// What the sources must keep to: the house rules of the design and the style, as a closed list.
///
/// A new rule is one case, one function in a file of its own, and one bad sample.
enum Rule: CaseIterable {
  case importsPointDown
  case coreIsPure
  case filesAreShort
  case functionsAreShort
  case linesAreShort
  case namesSayWhatIsMeant
  case typesAreDocumented
  case nothingIsForced
  case typesAreNotNamedLikeModules

  func findings(in file: SourceFile) -> [Finding] {
    switch self {
    case .importsPointDown: Rule.forbiddenImports(in: file)
    case .coreIsPure: Rule.impurities(in: file)
    case .filesAreShort: Rule.longFile(file)
    case .functionsAreShort: Rule.longFunctions(in: file)
    case .linesAreShort: Rule.longLines(in: file)
    case .namesSayWhatIsMeant: Rule.bannedNames(in: file)
    case .typesAreDocumented: Rule.undocumentedTypes(in: file)
    case .nothingIsForced: Rule.forcedExpressions(in: file)
    case .typesAreNotNamedLikeModules: Rule.moduleNames(in: file)
    }
  }
}

extension SourceFile {
  /// A finding of this file.
  func finding(_ line: Int, _ what: String) -> Finding {
    Finding(path: path, line: line, what: what)
  }

  /// The types that the file declares: their names and where.
  var types: [(name: String, line: Int)] {
    let kinds: Set<String> = ["struct", "enum", "class", "protocol", "actor"]
    return tokens.indices.dropLast().compactMap { index in
      guard kinds.contains(tokens[index].text), tokens[index + 1].isWord else { return nil }
      let before = index > 0 ? tokens[index - 1].text : ""
      let name = tokens[index + 1].text
      // Not `import struct X`, `.class`, `class func` or a value that is called `actor`.
      guard before != "import", before != ".", before != "`", name.first?.isUppercase == true
      else { return nil }
      return (name, tokens[index].line)
    }
  }
}
