extension Rule {
  /// What each target may import: the table of the design, section 2. An import only points down.
  private static let table: [String: Set<String>] = {
    let belowService: Set<String> = [
      "Rails", "Journal", "HTTP", "Ledger", "JSON", "Digest", "CSystem", "Glibc",
      "Synchronization", "FoundationEssentials",
    ]
    return [
      "tollbook": ["Service", "Glibc"],
      "Courier": ["Foundation", "FoundationNetworking", "JSON"],
      "Workbench": belowService.union(["Service"]),
      "Service": belowService,
      "HTTP": ["CSystem", "Glibc", "Synchronization"],
      "Rails": ["Ledger", "JSON", "Digest"],
      "Journal": ["Ledger", "JSON", "Digest", "CSystem", "Glibc", "Synchronization"],
      "Ledger": ["JSON"],
      "JSON": [],
      "Digest": ["CDigest"],
    ]
  }()

  static func forbiddenImports(in file: SourceFile) -> [Finding] {
    guard let allowed = table[file.module] else {
      return [file.finding(1, "the target \(file.module) has no line in the table of imports")]
    }
    return imports(of: file).filter { !allowed.contains($0.name) }.map {
      file.finding($0.line, "\(file.module) may not import \($0.name)")
    }
  }

  private static func imports(of file: SourceFile) -> [(name: String, line: Int)] {
    let tokens = file.tokens
    let kinds: Set<String> = ["struct", "class", "enum", "protocol", "func", "typealias", "var"]
    return tokens.indices.dropLast().compactMap { index in
      guard tokens[index].text == "import", tokens[index + 1].isWord else { return nil }
      guard index == 0 || tokens[index - 1].text != "." else { return nil }
      let isOfOneKind = kinds.contains(tokens[index + 1].text) && index + 2 < tokens.count
      return (tokens[isOfOneKind ? index + 2 : index + 1].text, tokens[index].line)
    }
  }
}
