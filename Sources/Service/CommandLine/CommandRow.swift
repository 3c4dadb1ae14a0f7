/// One row of the command table: what a command takes and how it is explained.
package struct CommandRow: Equatable, Sendable {
  package let command: CommandName
  /// One line for help and completion, without a full stop.
  package let summary: String
  package let arguments: [Argument]
  package let options: [Option]
  /// Names of options of which one, and only one, must be given; empty for none.
  package let exactlyOne: [String]

  /// Something that is told by its place.
  package struct Argument: Equatable, Sendable {
    /// As in help, e.g. `FILE`.
    package let name: String
    package let kind: ValueKind
    package let isRequired: Bool
    /// Whether it may come several times; only the last one.
    package let isRepeated: Bool

    static func required(_ name: String, _ kind: ValueKind) -> Argument {
      Argument(name: name, kind: kind, isRequired: true, isRepeated: false)
    }

    static func optional(_ name: String, _ kind: ValueKind) -> Argument {
      Argument(name: name, kind: kind, isRequired: false, isRepeated: false)
    }

    static func several(_ name: String, _ kind: ValueKind) -> Argument {
      Argument(name: name, kind: kind, isRequired: false, isRepeated: true)
    }
  }

  /// Something that is told by its name.
  package struct Option: Equatable, Sendable {
    /// Without dashes.
    package let name: String
    /// The letter of the short form.
    package let letter: Character?
    /// Nil for a switch that takes no value.
    package let kind: ValueKind?
    package let help: String
    package let isRequired: Bool
    /// Whether it may be given more than once.
    package private(set) var repeats = false

    /// An option with a value that may be given more than once.
    static func many(_ name: String, _ kind: ValueKind, _ help: String) -> Option {
      var option = Option(name, nil, kind, help)
      option.repeats = true
      return option
    }

    /// A switch without a short form.
    init(_ name: String, _ help: String, isRequired: Bool = false) {
      self.init(name, nil, nil, help, isRequired: isRequired)
    }

    /// A switch with a short form.
    init(_ name: String, _ letter: Character, _ help: String) {
      self.init(name, letter, nil, help)
    }

    /// An option with a value, or a switch where the kind is nil.
    init(
      _ name: String, _ letter: Character?, _ kind: ValueKind?, _ help: String,
      isRequired: Bool = false
    ) {
      self.name = name
      self.letter = letter
      self.kind = kind
      self.help = help
      self.isRequired = isRequired
    }

    /// As one types it, e.g. `-n, --count N`.
    var usage: String {
      let value = kind.map { " \($0.placeholder)" } ?? ""
      return (letter.map { "-\($0), " } ?? "    ") + "--\(name)\(value)"
    }
  }

  init(
    _ command: CommandName, _ summary: String, _ arguments: [Argument] = [], options: [Option] = [],
    exactlyOne: [String] = []
  ) {
    self.command = command
    self.summary = summary
    self.arguments = arguments
    self.options = options
    self.exactlyOne = exactlyOne
  }
}
