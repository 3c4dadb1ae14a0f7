/// A shell that a completion script can be made for.
package enum CompletionShell: String, CaseIterable, Sendable {
  case bash
  case zsh
  case fish
}

/// Completion scripts, generated from the table so that they cannot fall behind it.
///
/// Only words of the table stand in them, and those need no quoting in any shell.
package enum CompletionScript {
  /// The script for one shell; the shell's manual says where it goes.
  package static func text(_ shell: CompletionShell) -> String {
    switch shell {
    case .bash: bash()
    case .zsh: "#compdef tollbook\nautoload -U +X bashcompinit && bashcompinit\n" + bash()
    case .fish: fish()
    }
  }

  /// First words of commands, each once.
  private static var firstWords: [String] {
    var words: [String] = []
    for row in CommandTable.rows where !words.contains(row.command.words[0]) {
      words.append(row.command.words[0])
    }
    return words
  }

  private static func flags(_ options: [CommandRow.Option]) -> [String] {
    options.flatMap { option in
      (option.letter.map { ["-\($0)"] } ?? []) + ["--\(option.name)"]
    }
  }

  /// One `case` over the words so far; zsh runs it through its bash emulation.
  private static func bash() -> String {
    var text = """
      _tollbook() {
        local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"
        local path="" skip="" known="" i
        for ((i = 1; i < COMP_CWORD; i++)); do
          if [[ -n $skip ]]; then skip=""; continue; fi
          case "${COMP_WORDS[i]}" in
            \(valueFlags().joined(separator: "|"))) skip=1 ;;
            -*) ;;
            *) path="${path:+$path }${COMP_WORDS[i]}" ;;
          esac
        done
        case "$before" in

      """
    for option in choices() {
      text += "    --\(option.name)"
      if let letter = option.letter { text += "|-\(letter)" }
      text += ") COMPREPLY=($(compgen -W \"\(option.names)\" -- \"$word\")); return ;;\n"
    }
    text += """
          \(valueFlags().joined(separator: "|"))) COMPREPLY=($(compgen -f -- "$word")); return ;;
        esac
        case "$path" in
          "") known="\((firstWords + flags(CommandTable.shared)).joined(separator: " "))" ;;

      """
    for noun in CommandTable.nouns {
      let verbs = CommandHelp.verbs(of: noun.name).joined(separator: " ")
      text += "    \"\(noun.name)\") known=\"\(verbs)\" ;;\n"
    }
    for row in CommandTable.rows {
      let words = argumentWords(row) + flags(row.options + CommandTable.shared)
      text += "    \"\(row.command.rawValue)\"*) known=\"\(words.joined(separator: " "))\" ;;\n"
    }
    text += """
        esac
        COMPREPLY=($(compgen -W "$known" -- "$word"))
        [[ ${#COMPREPLY[@]} -gt 0 || $word == -* ]] || COMPREPLY=($(compgen -f -- "$word"))
      }
      complete -F _tollbook tollbook

      """
    return text
  }

  private static func fish() -> String {
    var lines = ["complete -c tollbook -f"]
    for row in CommandTable.rows {
      let words = row.command.words
      let seen = words.map { "__fish_seen_subcommand_from \($0)" }
      if words.count == 1 {
        lines.append(
          "complete -c tollbook -n __fish_use_subcommand -a \(words[0]) -d '\(row.summary)'")
      } else {
        let verbs = CommandHelp.verbs(of: words[0]).joined(separator: " ")
        lines.append(
          "complete -c tollbook -n '\(seen[0]); and not __fish_seen_subcommand_from \(verbs)' "
            + "-a \(words[1]) -d '\(row.summary)'")
      }
      let condition = seen.joined(separator: "; and ")
      for option in row.options { lines.append(fishOption(option, "-n '\(condition)'")) }
      for word in argumentWords(row) {
        lines.append("complete -c tollbook -n '\(condition)' -a \(word)")
      }
    }
    for noun in CommandTable.nouns {
      lines.append(
        "complete -c tollbook -n __fish_use_subcommand -a \(noun.name) -d '\(noun.summary)'")
    }
    for option in CommandTable.shared { lines.append(fishOption(option, "")) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func fishOption(_ option: CommandRow.Option, _ condition: String) -> String {
    var words = ["complete -c tollbook"]
    if !condition.isEmpty { words.append(condition) }
    if let letter = option.letter { words.append("-s \(letter)") }
    words.append("-l \(option.name)")
    switch option.kind {
    case .choice(let names): words.append("-x -a '\(names.joined(separator: " "))'")
    case .file, .folder: words.append("-r -F")
    case .some: words.append("-x")
    case nil: break
    }
    return (words + ["-d '\(option.help)'"]).joined(separator: " ")
  }

  private static func argumentWords(_ row: CommandRow) -> [String] {
    guard case .choice(let names) = row.arguments.first?.kind else {
      return row.command == .help ? firstWords : []
    }
    return names
  }

  private static var allOptions: [CommandRow.Option] {
    CommandTable.shared + CommandTable.rows.flatMap(\.options)
  }

  /// Flags that take a value, each once.
  private static func valueFlags() -> [String] {
    var flags: [String] = []
    for flag in Self.flags(allOptions.filter { $0.kind != nil }) where !flags.contains(flag) {
      flags.append(flag)
    }
    return flags
  }

  /// Options with a closed set of values, each once.
  private static func choices() -> [(name: String, letter: Character?, names: String)] {
    var found: [(name: String, letter: Character?, names: String)] = []
    for option in allOptions where !found.contains(where: { $0.name == option.name }) {
      guard case .choice(let names) = option.kind else { continue }
      found.append((option.name, option.letter, names.joined(separator: " ")))
    }
    return found
  }
}
