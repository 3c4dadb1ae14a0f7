/// Why a command line cannot be run; the program exits with `ExitStatus.usage`.
package enum UsageError: Error, Equatable, Sendable {
  case noCommand
  case unknownCommand(String, nearest: String?)
  case noVerb(noun: String, verbs: [String])
  case unknownVerb(noun: String, String, nearest: String?)
  case unknownOption(String, command: String?, nearest: String?)
  case noValue(option: String, expected: String)
  case valueForSwitch(option: String)
  case badValue(option: String, String, expected: String)
  case repeatedOption(String)
  case noOption(String, command: String)
  case notExactlyOne([String], command: String)
  case noArgument(String, command: String)
  case badArgument(String, String, expected: String)
  case extraArgument(String, command: String)

  /// What is wrong, where, and what to do next, in one line.
  package var message: String {
    switch self {
    case .noCommand: "no command; try tollbook help"
    case .unknownCommand(let word, let nearest):
      "unknown command \(quoted(word))" + hint(nearest, else: "try tollbook help")
    case .noVerb(let noun, let verbs):
      "tollbook \(noun) needs one of: \(verbs.joined(separator: ", "))"
    case .unknownVerb(let noun, let word, let nearest):
      "unknown command \(quoted("\(noun) \(word)"))"
        + hint(nearest.map { "\(noun) \($0)" }, else: "try tollbook help \(noun)")
    case .unknownOption(let option, let command, let nearest):
      "unknown option \(quoted(option))" + (command.map { " of tollbook \($0)" } ?? "")
        + hint(nearest, else: "try tollbook \(command.map { "\($0) " } ?? "")--help")
    case .noValue(let option, let expected): "\(option) needs a value: \(expected)"
    case .valueForSwitch(let option): "\(option) is a switch and takes no value"
    case .badValue(let option, let value, let expected):
      "\(option) is \(quoted(value)); expected \(expected)"
    case .repeatedOption(let option): "\(option) is given twice; give it once"
    case .noOption(let option, let command):
      "tollbook \(command) needs \(option); try tollbook \(command) --help"
    case .notExactlyOne(let options, let command):
      "tollbook \(command) needs exactly one of: \(options.joined(separator: ", "))"
    case .noArgument(let name, let command):
      "tollbook \(command) needs \(name); try tollbook \(command) --help"
    case .badArgument(let name, let value, let expected):
      "\(name) is \(quoted(value)); expected \(expected)"
    case .extraArgument(let value, let command):
      "tollbook \(command) does not take \(quoted(value)); try tollbook \(command) --help"
    }
  }

  private func quoted(_ text: String) -> String { "'\(SettingText.quotable(text))'" }

  private func hint(_ nearest: String?, else advice: String) -> String {
    nearest.map { "; did you mean \($0)?" } ?? "; \(advice)"
  }
}
