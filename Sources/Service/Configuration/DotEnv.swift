/// The contents of a `.env` file.
///
/// The grammar is the part that sh, systemd and other readers understand alike, so that the cron
/// scripts, which source the file, see what the daemon sees:
/// - a line is empty, a comment that begins with `#`, or `NAME=value`, perhaps after `export `;
/// - a value is bare, or in single or double quotes; nothing is expanded, there are no escapes;
/// - no line that sets a value holds a `#`, so `grep -v '#'` shows the effective settings;
/// - a name stands once.
/// Limits: 256 KiB, 4,096 bytes a line. No message repeats a value: it may be a secret.
package struct DotEnv: Equatable, Sendable {
  /// One line that sets a value.
  package struct Entry: Equatable, Sendable {
    package let name: String
    /// Without its quotes; may be empty, which means not set.
    package let value: String
    /// Counted from 1.
    package let line: Int

    package init(name: String, value: String, line: Int) {
      self.name = name
      self.value = value
      self.line = line
    }
  }

  package private(set) var entries: [Entry] = []
  package private(set) var notices: [ConfigurationNotice] = []
  package private(set) var problems: [ConfigurationProblem] = []

  /// Reads the bytes of a file. Every fault is collected, none stops the reading.
  package init(parsing bytes: [UInt8]) {
    guard bytes.count <= 262_144 else {
      problems.append(.fileTooLarge(bytes: bytes.count))
      return
    }
    var content = bytes[...]
    if content.starts(with: [0xEF, 0xBB, 0xBF]) {
      content = content.dropFirst(3)
      notices.append(.byteOrderMark)
    }
    var carriageReturns = 0
    let lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let hasCarriageReturn = line.last == 0x0D
      if hasCarriageReturn { carriageReturns += 1 }
      do {
        try read(hasCarriageReturn ? line.dropLast() : line, number: index + 1)
      } catch {
        problems.append(.badLine(index + 1, error))
      }
    }
    if carriageReturns > 0 { notices.append(.carriageReturns(lines: carriageReturns)) }
  }

  private mutating func read(_ line: ArraySlice<UInt8>, number: Int) throws(DotEnvFault) {
    guard line.count <= 4_096 else { throw .tooLong }
    guard let entry = try DotEnvLine.read(line) else { return }
    if KeyWatch.looksLikePrivateKey(name: entry.name, value: entry.value) {
      problems.append(.privateKey(entry.name, line: number))
    }
    if let first = entries.first(where: { $0.name == entry.name }) {
      problems.append(.duplicateName(entry.name, line: number, firstLine: first.line))
      return
    }
    entries.append(Entry(name: entry.name, value: entry.value, line: number))
  }
}

/// What is wrong with one line of `.env`.
package enum DotEnvFault: Error, Equatable, Sendable {
  case tooLong
  case notUTF8
  case controlCharacter
  case noEqualsSign
  case badName
  case blankAtEqualsSign(name: String)
  case hashInComment(name: String)
  case hashInValue(name: String)
  case needsQuotes(name: String)
  case needsSingleQuotes(name: String)
  case openQuote(name: String)
  case textAfterQuote(name: String)

  /// What is wrong and what to do, for the end of a message that names the line.
  package var sentence: String {
    switch self {
    case .tooLong: "the line is longer than 4,096 bytes; shorten it"
    case .notUTF8: "the line is not UTF-8; save the file as UTF-8"
    case .controlCharacter:
      "the line holds a control character; remove it, or save the file as UTF-8 text"
    case .noEqualsSign: "there is no '='; write NAME=value, or begin a comment with '#'"
    case .badName:
      "the name before '=' is not a name; use letters, digits and '_', no digit first"
    case .blankAtEqualsSign(let name):
      "\(name) has a blank beside '='; write \(name)=value without blanks"
    case .hashInComment(let name):
      "\(name) has a comment after its value; move the comment to a line of its own"
    case .hashInValue(let name):
      "the value of \(name) holds a '#', which a value must not; choose one without"
    case .needsQuotes(let name):
      "the value of \(name) holds a blank; put the value in quotes"
    case .needsSingleQuotes(let name):
      "the value of \(name) holds a character that a shell would change; "
        + "put the value in single quotes"
    case .openQuote(let name): "the quote around the value of \(name) is not closed; close it"
    case .textAfterQuote(let name):
      "there is text after the closing quote of \(name); remove it"
    }
  }
}
