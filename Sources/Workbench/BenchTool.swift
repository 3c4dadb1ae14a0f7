import Service

/// One thing that the workbench can do, by name.
struct Tool {
  let name: String
  /// The options, for the list that is printed when the name is not known.
  let usage: String
  /// Does it; gives the exit status.
  let run: (ToolOptions) throws(ToolError) -> Int32

  init(
    _ name: String, _ usage: String, _ run: @escaping (ToolOptions) throws(ToolError) -> Int32
  ) {
    self.name = name
    self.usage = usage
    self.run = run
  }

  /// Runs the tool that the first word names; 2 when there is no such tool or an option is wrong.
  static func run(_ tools: [Tool], _ words: [String]) -> Int32 {
    guard let name = words.first, let tool = tools.first(where: { $0.name == name }) else {
      for tool in tools { print("Workbench \(tool.name) \(tool.usage)") }
      return 2
    }
    do throws(ToolError) {
      return try tool.run(try ToolOptions(Array(words.dropFirst())))
    } catch {
      Output.standard().message("Workbench \(name): \(error.sentence)")
      return error.status
    }
  }
}

/// Why a tool did not do its work.
struct ToolError: Error {
  let sentence: String
  let status: Int32

  /// 2 is a wrong option, 1 anything else.
  init(_ sentence: String, status: Int32 = 1) {
    self.sentence = sentence
    self.status = status
  }
}

/// The options of a tool: `--name value`, or `--name` alone for yes.
struct ToolOptions {
  private var values: [String: String] = [:]

  init(_ words: [String]) throws(ToolError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        throw ToolError("\(word) is no option; options begin with --", status: 2)
      }
      let name = String(word.dropFirst(2))
      if let value = rest.first, !value.hasPrefix("--") {
        values[name] = value
        rest = rest.dropFirst()
      } else {
        values[name] = ""
      }
    }
  }

  /// The text of an option that must be given.
  func text(_ name: String) throws(ToolError) -> String {
    guard let value = values[name], !value.isEmpty else {
      throw ToolError("--\(name) is missing", status: 2)
    }
    return value
  }

  /// A whole number, or the given one when the option is not there.
  func count(_ name: String, else usual: Int) throws(ToolError) -> Int {
    guard let value = values[name] else { return usual }
    guard let number = Int(value), number >= 0 else {
      throw ToolError("--\(name) must be a whole number", status: 2)
    }
    return number
  }

  /// Whether an option was given.
  func has(_ name: String) -> Bool { values[name] != nil }
}
