import JSON

/// `tollbook config …`: the settings in force.
enum ConfigCommands {
  static func show(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let configuration = try context.configuration()
    if let format = context.parsed.format, format != .table {
      context.printJSON(list: configuration.rows) { row, out in
        out.beginObject()
        out.field("name", row.name)
        out.field("value", row.value)
        out.field("origin", row.origin.description)
        out.field("used", row.isUsed)
        out.endObject()
      }
      return .ok
    }
    var table = Table([.init("NAME", .left), .init("VALUE", .left), .init("ORIGIN", .left)])
    for row in configuration.rows {
      let origin = row.origin.description + (row.isUsed ? "" : ", not used by this version")
      table.add([row.name, row.value, origin])
    }
    table.print(to: context.output, context.palette)
    return .ok
  }

  /// 0 when the settings can be used, 2 with every problem when they cannot.
  static func check(_ context: CommandContext) -> ExitStatus {
    do throws(ConfigurationError) {
      let configuration = try ConfigurationFile.load(
        flags: context.parsed.settingFlags, environment: context.environment)
      for notice in configuration.notices {
        context.output.print("\(notice.isWarning ? "warning" : "notice"): \(notice.message)")
      }
      if case .failure(let problems) = RoutesFile.load(home: configuration.home) {
        for problem in problems.messages { context.output.print("error: \(problem)") }
        return .usage
      }
      context.output.print("the configuration can be used")
      return .ok
    } catch {
      for problem in error.problems { context.output.print("error: \(problem.message)") }
      return .usage
    }
  }
}
