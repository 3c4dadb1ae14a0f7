import JSON

/// Commands about the program itself.
enum ProgramCommands {
  static func version(_ context: CommandContext) -> ExitStatus {
    if context.parsed.format == nil || context.parsed.format == .table {
      context.output.print(Version.software.string)
    } else {
      context.printJSON { out in
        out.beginObject()
        out.field("version", Version.number)
        out.endObject()
      }
    }
    return .ok
  }

  /// The parser answers `help` itself; what comes here is the program's own text.
  static func help(_ context: CommandContext) -> ExitStatus {
    context.output.write(CommandHelp.text(context.parsed.arguments).utf8)
    return .ok
  }

  static func completion(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let name = context.parsed.arguments.first ?? ""
    guard let shell = CompletionShell(rawValue: name) else {
      let known = CompletionShell.allCases.map(\.rawValue).joined(separator: ", ")
      throw CommandStop(
        .usage, "SHELL is '\(SettingText.quotable(name))'; expected one of \(known)")
    }
    context.output.write(CompletionScript.text(shell).utf8)
    return .ok
  }
}
