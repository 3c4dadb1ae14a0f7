/// One Swift file: its lines as written, and its code in tokens.
struct SourceFile {
  let module: String
  let path: String
  /// As written, without their line feeds.
  let lines: [String]
  /// The code in order, without comments and the contents of strings.
  let tokens: [Token]

  init(module: String, path: String, text: String) {
    self.module = module
    self.path = path
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    self.lines = lines
    var scanner = TokenScanner(text)
    tokens = scanner.scan()
  }
}

/// A word, a number, or one byte of punctuation.
struct Token: Equatable {
  let text: String
  /// From 1.
  let line: Int
  /// Whether it stands right behind the token before it.
  let isGlued: Bool

  /// Whether it is a name, a keyword or a number.
  var isWord: Bool { text.utf8.first.map(TokenScanner.isWordByte) ?? false }
}

/// Splits Swift into tokens, as far as the rules need it.
struct TokenScanner {
  private let bytes: [UInt8]
  private var index = 0
  private var line = 1
  private var isGlued = false
  private var tokens: [Token] = []

  init(_ text: String) { bytes = Array(text.utf8) }

  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...0xFF: true
    default: false
    }
  }

  mutating func scan() -> [Token] {
    code(untilParenthesis: false)
    return tokens
  }

  /// Scans code; inside a string's interpolation up to the parenthesis that ends it.
  private mutating func code(untilParenthesis: Bool) {
    var depth = 0
    while index < bytes.count {
      if starts("//") {
        skip { !$0.starts("\n") }
      } else if starts("/*") {
        comment()
      } else if let hashes = openingHashes() {
        string(hashes)
      } else if bytes[index] == 0x0A || bytes[index] == 0x20 {
        step()
        isGlued = false
      } else if TokenScanner.isWordByte(bytes[index]) {
        word()
      } else {
        if bytes[index] == 0x28 { depth += 1 }
        if bytes[index] == 0x29 {
          if untilParenthesis, depth == 0 { return step() }
          depth -= 1
        }
        add(String(decoding: [bytes[index]], as: UTF8.self))
        step()
      }
    }
  }

  private mutating func word() {
    let start = index
    while index < bytes.count, TokenScanner.isWordByte(bytes[index]) { index += 1 }
    add(String(decoding: bytes[start..<index], as: UTF8.self))
  }

  private mutating func comment() {
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        index += 2
      } else if starts("*/") {
        depth -= 1
        index += 2
      } else {
        step()
      }
    } while depth > 0 && index < bytes.count
    isGlued = false
  }

  /// How many `#` open a string here; nil when none begins here.
  private func openingHashes() -> Int? {
    var place = index
    while place < bytes.count, bytes[place] == 0x23 { place += 1 }
    return place < bytes.count && bytes[place] == 0x22 ? place - index : nil
  }

  private mutating func string(_ hashes: Int) {
    let pounds = String(repeating: "#", count: hashes)
    index += hashes
    let quote = starts("\"\"\"") ? "\"\"\"" : "\""
    index += quote.utf8.count
    while index < bytes.count, !starts(quote + pounds) {
      if starts("\\" + pounds + "(") {
        index += hashes + 2
        code(untilParenthesis: true)
      } else if starts("\\" + pounds) {
        index += hashes + 1
        if index < bytes.count { step() }
      } else {
        step()
      }
    }
    index = min(bytes.count, index + quote.utf8.count + hashes)
    add("\"")
  }

  private mutating func add(_ text: String) {
    tokens.append(Token(text: text, line: line, isGlued: isGlued))
    isGlued = true
  }

  private mutating func step() {
    if bytes[index] == 0x0A { line += 1 }
    index += 1
  }

  private mutating func skip(while goesOn: (TokenScanner) -> Bool) {
    while index < bytes.count, goesOn(self) { step() }
    isGlued = false
  }

  private func starts(_ text: String) -> Bool { bytes[index...].starts(with: text.utf8) }
}
