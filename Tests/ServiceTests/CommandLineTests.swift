import Service
import Testing

struct CommandLineTests {
  private func run(_ line: String) throws -> ParsedCommand? {
    guard
      case .run(let command) = try CommandParser.parse(
        line.split(separator: " ").map(String.init))
    else { return nil }
    return command
  }

  private func message(_ line: [String]) -> String? {
    do {
      _ = try CommandParser.parse(line)
      return nil
    } catch {
      return error.message
    }
  }

  @Test func `the table has every command once`() {
    #expect(CommandTable.rows.map(\.command).count == CommandName.allCases.count)
    #expect(Set(CommandTable.rows.map(\.command)) == Set(CommandName.allCases))
    let nouns = Set(CommandName.allCases.map(\.words).filter { $0.count == 2 }.map { $0[0] })
    #expect(Set(CommandTable.nouns.map(\.name)) == nouns)
  }

  @Test func `no command has two options of one name or letter`() {
    for row in CommandTable.rows {
      let options = row.options + CommandTable.shared
      let letters = options.compactMap(\.letter)
      #expect(Set(options.map(\.name)).count == options.count)
      #expect(Set(letters).count == letters.count)
    }
  }

  @Test(arguments: [
    "tx list --count 10 --agent a", "tx list --count=10 --agent=a", "tx list -n 10 --agent a",
    "tx list -n10 --agent a", "tx list -n=10 --agent a", "tx -q list -n 10 --agent a",
  ])
  func `all forms of an option mean the same`(line: String) throws {
    let command = try run(line)
    #expect(command?.command == .txList)
    #expect(command?.count("count") == 10)
    #expect(command?.value("agent") == "a")
    #expect(command?.has("quiet") == line.contains("-q"))
  }

  @Test func `shared options stand anywhere and become settings where they are some`() throws {
    let command = try run("--home /h serve -o json --gateway off --no-color")
    #expect(command?.command == .serve)
    #expect(command?.format == .json)
    #expect(command?.has("no-color") == true)
    #expect(
      command?.settingFlags == [
        .init(option: "--home", setting: "TOLLBOOK_HOME", value: "/h"),
        .init(option: "--gateway", setting: "TOLLBOOK_GATEWAY", value: "off"),
      ])
  }

  @Test func `after two dashes everything is an argument`() throws {
    #expect(try run("log grep -- --help")?.arguments == ["--help"])
    #expect(try run("log grep -n 3 -- -x")?.count("count") == 3)
    #expect(try run("json check -")?.arguments == ["-"])
  }

  @Test func `a moment is a seq or a time`() throws {
    #expect(try run("replay --until 42")?.moment("until") == .sequence(42))
    #expect(
      try run("replay --until 1970-01-01T00:00:01Z")?.moment("until")
        == .time(milliseconds: 1_000))
    #expect(LogMoment("0") == nil)
    #expect(LogMoment("2025-11-16") == nil)
  }

  @Test(arguments: [
    ([], "no command; try tollbook help"),
    (["serv"], "unknown command 'serv'; did you mean serve?"),
    (["xyzzy"], "unknown command 'xyzzy'; try tollbook help"),
    (["view"], "tollbook view needs one of: list, show, rebuild, diff"),
    (["log", "verfy"], "unknown command 'log verfy'; did you mean log verify?"),
    (["tx", "qqqqqq"], "unknown command 'tx qqqqqq'; try tollbook help tx"),
    (
      ["tx", "list", "--agnet", "a"],
      "unknown option '--agnet' of tollbook tx list; "
        + "did you mean --agent?"
    ),
    (["serve", "--at", "3"], "unknown option '--at' of tollbook serve; try tollbook serve --help"),
    (["-z"], "unknown option '-z'; try tollbook --help"),
    (["tx", "list", "-n"], "-n needs a value: a whole number from 1 to 1000000"),
    (["tx", "list", "-n0"], "-n is '0'; expected a whole number from 1 to 1000000"),
    (["serve", "-o", "xml"], "-o is 'xml'; expected one of table, json, jsonl"),
    (["serve", "--quiet=yes"], "--quiet is a switch and takes no value"),
    (["serve", "-qq"], "-q is a switch and takes no value"),
    (["serve", "-q", "--quiet"], "--quiet is given twice; give it once"),
    (["serve", "--api", "off", "--api=off"], "--api is given twice; give it once"),
    (["tx", "get"], "tollbook tx get needs ID; try tollbook tx get --help"),
    (["tx", "get", "a", "b"], "tollbook tx get does not take 'b'; try tollbook tx get --help"),
    (["log", "show", "x"], "SEQ is 'x'; expected a whole number from 1 to 999999999999999999"),
    (["tx", "total"], "tollbook tx total needs exactly one of: --date, --month"),
    (
      ["tx", "total", "--date", "2025-11-16", "--month", "2025-11"],
      "tollbook tx total needs exactly one of: --date, --month"
    ),
    (
      ["tx", "total", "--date", "2025-02-29"],
      "--date is '2025-02-29'; expected a UTC date such as 2025-11-16"
    ),
    (
      ["clock", "accept"],
      "tollbook clock accept needs --reason; try tollbook clock accept --help"
    ),
    (
      ["log", "recover", "--reason", "r"],
      "tollbook log recover needs --accept-loss; try tollbook log recover --help"
    ),
    (["completion", "tcsh"], "SHELL is 'tcsh'; expected one of bash, zsh, fish"),
    (
      ["serve", "--api", "3000"],
      "--api is '3000'; expected ADDRESS:PORT such as 127.0.0.1:3000, or off"
    ),
    (["help", "nope"], "unknown command 'nope'; try tollbook help"),
    (["a\u{1B}[2J"], "unknown command 'a?[2J'; try tollbook help"),
  ])
  func `a wrong line is answered by what is wrong and what to do`(
    line: [String], expected: String
  ) {
    #expect(message(line) == expected)
  }

  @Test func `help stands on every level, by word and by option`() throws {
    #expect(try CommandParser.parse(["help"]) == .help(CommandHelp.text([])))
    #expect(try CommandParser.parse(["--help"]) == .help(CommandHelp.text([])))
    #expect(try CommandParser.parse(["log", "-h"]) == .help(CommandHelp.text(["log"])))
    #expect(try CommandParser.parse(["help", "log"]) == .help(CommandHelp.text(["log"])))
    for command in CommandName.allCases {
      let text = CommandHelp.text(command.words)
      #expect(try CommandParser.parse(command.words + ["--help"]) == .help(text))
      #expect(try CommandParser.parse(["help"] + command.words) == .help(text))
      #expect(text.contains("Usage: tollbook \(command.rawValue)"))
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }
  }

  @Test func `the help of a command is this`() {
    #expect(
      CommandHelp.text(["clock", "accept"]) == """
        Trust the present clock again.

        Usage: tollbook clock accept --reason TEXT [OPTIONS]

        Options:
              --reason TEXT                 Why; stands in the log

        Options everywhere:
              --home DIR                    The home folder, instead of TOLLBOOK_HOME
          -o, --output table|json|jsonl     The form of the answer
              --no-color                    Print without colours
          -q, --quiet                       Print only the answer
          -h, --help                        Explain the command

        """)
  }

  @Test(arguments: CompletionShell.allCases)
  func `a completion script holds every command and option`(shell: CompletionShell) {
    let script = CompletionScript.text(shell)
    for row in CommandTable.rows {
      for word in row.command.words { #expect(script.contains(word), "\(row.command)") }
      for option in row.options + CommandTable.shared {
        let form = shell == .fish ? "-l \(option.name)" : "--\(option.name)"
        #expect(script.contains(form), "\(row.command) \(option.name)")
      }
    }
    let isQuotable = CommandTable.rows.allSatisfy { row in
      !row.summary.contains("'") && row.options.allSatisfy { !$0.help.contains("'") }
    }
    #expect(isQuotable)
  }

  @Test func `exit codes are the promised numbers`() {
    let all: [Service.ExitStatus] = [
      .ok, .checkFailed, .usage, .refused, .notFound, .logDamaged, .notReached, .outcomeUnknown,
      .diskLost, .busy,
    ]
    #expect(all.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 75])
  }

  @Test(arguments: UInt64(0)..<64)
  func `no words make the parser trap`(seed: UInt64) {
    let vocabulary = [
      "log", "tail", "-", "--", "-n", "--=", "=", "", "-o=json", "--count=1", "\u{301}", "tx",
      "list", "--at", "help", "-f", "\u{1F9FE}", "--\u{301}",
    ]
    var state = seed
    let line = (0..<6).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return vocabulary[Int((state >> 33) % UInt64(vocabulary.count))]
    }
    do {
      guard case .run(let command) = try CommandParser.parse(line) else { return }
      #expect(command.command != .help)
    } catch {
      #expect(!error.message.isEmpty)
    }
  }
}
