/// The help texts of every level, made from the table.
package enum CommandHelp {
  /// Help for the program (no words), a noun (one word), or a command.
  ///
  /// Words that name nothing give the program's help.
  package static func text(_ words: [String]) -> String {
    if let row = CommandTable.rows.first(where: { $0.command.words == words }) {
      return command(row)
    }
    if words.count == 1, let noun = CommandTable.nouns.first(where: { $0.name == words[0] }) {
      return self.noun(noun.name, noun.summary)
    }
    return program()
  }

  /// The verbs of a noun, in the order of the table.
  package static func verbs(of noun: String) -> [String] {
    CommandTable.rows.map(\.command.words).filter { $0.count == 2 && $0[0] == noun }.map { $0[1] }
  }

  private static func program() -> String {
    var lines: [(String, String)] = []
    var seen: Set<String> = []
    for row in CommandTable.rows {
      let word = row.command.words[0]
      guard seen.insert(word).inserted else { continue }
      if let noun = CommandTable.nouns.first(where: { $0.name == word }) {
        lines.append(("\(word) \(verbs(of: word).joined(separator: "|"))", noun.summary))
      } else {
        lines.append((word, row.summary))
      }
    }
    return "tollbook keeps the books of paid agents.\n\n"
      + "Usage: tollbook NOUN VERB [ARGUMENTS] [OPTIONS]\n\n"
      + section("Commands", lines) + "\n" + options(CommandTable.shared, "Options everywhere")
      + "\nExit codes: 0 ok, 1 check failed, 2 usage, 3 refused, 4 not found, 5 log damaged,\n"
      + "6 provider not reached, 7 outcome unknown (do not pay again), 8 disk lost, 75 busy.\n"
  }

  private static func noun(_ name: String, _ summary: String) -> String {
    let lines = CommandTable.rows.filter { $0.command.words[0] == name }.map { row in
      (row.command.words[1] + arguments(row), row.summary)
    }
    return "\(summary).\n\nUsage: tollbook \(name) VERB [ARGUMENTS] [OPTIONS]\n\n"
      + section("Verbs", lines)
  }

  private static func command(_ row: CommandRow) -> String {
    var text = "\(row.summary).\n\nUsage: tollbook \(row.command.rawValue)\(arguments(row))"
    for option in row.options where option.isRequired {
      text += " --\(option.name)" + (option.kind.map { " \($0.placeholder)" } ?? "")
    }
    if !row.exactlyOne.isEmpty {
      text += " (" + row.exactlyOne.map { "--\($0)" }.joined(separator: " | ") + ")"
    }
    text += " [OPTIONS]\n"
    if !row.options.isEmpty { text += "\n" + options(row.options, "Options") }
    return text + "\n" + options(CommandTable.shared, "Options everywhere")
  }

  private static func arguments(_ row: CommandRow) -> String {
    row.arguments.map { argument in
      let name = argument.name + (argument.isRepeated ? "…" : "")
      return argument.isRequired ? " \(name)" : " [\(name)]"
    }.joined()
  }

  private static func options(_ options: [CommandRow.Option], _ title: String) -> String {
    section(title, options.map { ($0.usage, $0.help) })
  }

  /// Two columns; a long left part gets a line of its own.
  private static func section(_ title: String, _ lines: [(String, String)]) -> String {
    let width = 34
    var text = "\(title):\n"
    for (left, right) in lines {
      let gap =
        left.count < width
        ? String(repeating: " ", count: width - left.count)
        : "\n" + String(repeating: " ", count: width + 2)
      text += "  \(left)\(gap)\(right)\n"
    }
    return text
  }
}
