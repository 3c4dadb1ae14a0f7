/// What a command line asks for.
package enum CommandRequest: Equatable, Sendable {
  case run(ParsedCommand)
  /// Print this text on standard output and exit with `ExitStatus.ok`.
  case help(String)
}

/// Reads a command line by the table.
///
/// Options may stand anywhere, as `--name value`, `--name=value`, `-n value`, `-nvalue` or
/// `-n=value`; after `--` everything is an argument. A lone `-` is an argument too.
package struct CommandParser {
  private var words: [String] = []
  private var row: CommandRow?
  private var arguments: [String] = []
  private var values: [String: String] = [:]
  private var lists: [String: [String]] = [:]
  private var switches: Set<String> = []

  private init() {}

  /// Reads what follows the program's name.
  /// - Throws: the first thing that is wrong.
  package static func parse(_ line: [String]) throws(UsageError) -> CommandRequest {
    var parser = CommandParser()
    var rest = line[...]
    while let token = rest.popFirst() {
      if token == "--" {
        while let argument = rest.popFirst() { try parser.take(word: argument) }
      } else if token.hasPrefix("-"), token != "-" {
        try parser.take(option: token, &rest)
        if parser.switches.contains("help") { return .help(CommandHelp.text(parser.words)) }
      } else {
        try parser.take(word: token)
      }
    }
    return try parser.finish()
  }

  private mutating func take(word: String) throws(UsageError) {
    guard let row else {
      try take(commandWord: word)
      return
    }
    let place = min(arguments.count, row.arguments.count - 1)
    guard place >= 0, place == arguments.count || row.arguments[place].isRepeated else {
      throw .extraArgument(word, command: row.command.rawValue)
    }
    let argument = row.arguments[place]
    guard argument.kind.accepts(word) else {
      throw .badArgument(argument.name, word, expected: argument.kind.expected)
    }
    arguments.append(word)
  }

  private mutating func take(commandWord word: String) throws(UsageError) {
    let typed = words + [word]
    let candidates = CommandTable.rows.map(\.command.words).filter { $0.starts(with: words) }
    let next = candidates.compactMap { $0.count > words.count ? $0[words.count] : nil }
    guard next.contains(word) else {
      let nearest = NearestName.find(word, among: next)
      guard let noun = words.first else { throw .unknownCommand(word, nearest: nearest) }
      throw .unknownVerb(noun: noun, word, nearest: nearest)
    }
    words = typed
    row = CommandTable.rows.first { $0.command.words == typed }
  }

  private mutating func take(
    option token: String, _ rest: inout ArraySlice<String>
  ) throws(UsageError) {
    let known = CommandTable.shared + (row?.options ?? [])
    let (option, typed, attached) = try find(token, among: known)
    let isNew = values[option.name] == nil && !switches.contains(option.name)
    guard isNew else { throw .repeatedOption(typed) }
    guard let kind = option.kind else {
      guard attached == nil else { throw .valueForSwitch(option: typed) }
      switches.insert(option.name)
      return
    }
    guard let value = attached ?? rest.popFirst() else {
      throw .noValue(option: typed, expected: kind.expected)
    }
    guard kind.accepts(value) else {
      throw .badValue(option: typed, value, expected: kind.expected)
    }
    if option.repeats {
      lists[option.name, default: []].append(value)
    } else {
      values[option.name] = value
    }
  }

  /// The option that a token names, how it was typed, and the value that hangs on it.
  private func find(
    _ token: String, among known: [CommandRow.Option]
  ) throws(UsageError) -> (CommandRow.Option, typed: String, value: String?) {
    let parts = token.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let typed = String(parts[0])
    let value = parts.count == 2 ? String(parts[1]) : nil
    if typed.hasPrefix("--") {
      let name = typed.dropFirst(2)
      if let option = known.first(where: { $0.name == name }) { return (option, typed, value) }
    } else if let letter = token.dropFirst().first,
      let option = known.first(where: { $0.letter == letter })
    {
      let attached = token.dropFirst(2)
      guard !attached.isEmpty else { return (option, token, nil) }
      let text = attached.first == "=" ? attached.dropFirst() : attached
      return (option, "-\(letter)", String(text))
    }
    throw .unknownOption(
      typed, command: words.isEmpty ? nil : words.joined(separator: " "),
      nearest: NearestName.find(typed, among: known.map { "--\($0.name)" }))
  }

  private func finish() throws(UsageError) -> CommandRequest {
    guard let row else {
      guard let noun = words.first else { throw .noCommand }
      throw .noVerb(noun: noun, verbs: CommandHelp.verbs(of: noun))
    }
    let name = row.command.rawValue
    if let missing = row.arguments.dropFirst(arguments.count).first, missing.isRequired {
      throw .noArgument(missing.name, command: name)
    }
    for option in row.options where option.isRequired {
      guard values[option.name] != nil || switches.contains(option.name) else {
        throw .noOption("--\(option.name)", command: name)
      }
    }
    let chosen = row.exactlyOne.filter { values[$0] != nil || switches.contains($0) }
    guard row.exactlyOne.isEmpty || chosen.count == 1 else {
      throw .notExactlyOne(row.exactlyOne.map { "--\($0)" }, command: name)
    }
    if row.command == .help { return .help(try helpText()) }
    return .run(
      ParsedCommand(
        command: row.command, arguments: arguments, values: values, lists: lists,
        switches: switches))
  }

  /// The text that `tollbook help NOUN VERB` asks for; the words must lead somewhere.
  private func helpText() throws(UsageError) -> String {
    var walk = CommandParser()
    for word in arguments {
      if let row = walk.row { throw .extraArgument(word, command: row.command.rawValue) }
      try walk.take(commandWord: word)
    }
    return CommandHelp.text(walk.words)
  }
}
