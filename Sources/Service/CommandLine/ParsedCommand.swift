/// A command line that keeps every rule of the table.
package struct ParsedCommand: Equatable, Sendable {
  package let command: CommandName
  /// By their place; an optional one that was not given is missing at the end.
  package let arguments: [String]
  /// Values by the option's long name, shared options too; each is of its kind.
  package let values: [String: String]
  /// Values of options that may be given more than once, in their order.
  package let lists: [String: [String]]
  /// Long names of the switches that were given.
  package let switches: Set<String>

  /// How to print an answer.
  package enum Format: String, Sendable {
    case table
    case json
    case jsonl
  }

  /// The value of an option, or nil.
  package func value(_ name: String) -> String? { values[name] }

  /// All values of an option that may be given more than once.
  package func list(_ name: String) -> [String] { lists[name] ?? [] }

  /// The value of an option that takes a whole number, or nil.
  package func count(_ name: String) -> Int? {
    values[name].flatMap { SettingText.integer($0, in: 0...Int.max) }
  }

  /// The value of an option that takes a seq or a time, or nil.
  package func moment(_ name: String) -> LogMoment? { values[name].flatMap { LogMoment($0) } }

  /// Whether a switch was given.
  package func has(_ name: String) -> Bool { switches.contains(name) }

  /// The form that was asked for; nil leaves it to the command.
  package var format: Format? { values["output"].flatMap { Format(rawValue: $0) } }

  /// Options that stand for settings, for `ConfigurationFile.load`.
  package var settingFlags: [ConfigurationSources.Flag] {
    let settings: [(option: String, setting: Setting)] = [
      ("home", Settings.home), ("gateway", Settings.gateway), ("api", Settings.api),
      ("metrics", Settings.metrics),
    ]
    return settings.compactMap { option, setting in
      values[option].map {
        ConfigurationSources.Flag(option: "--\(option)", setting: setting.name, value: $0)
      }
    }
  }
}
