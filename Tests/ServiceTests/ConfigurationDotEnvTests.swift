import Journal
import Service
import Testing

struct ConfigurationDotEnvTests {
  private func parse(_ text: String) -> DotEnv { DotEnv(parsing: Array(text.utf8)) }

  @Test func `names, quotes, export, comments and blank lines are read as a shell reads them`() {
    let file = parse(
      """
      # a comment

        # an indented comment
      A=1
      export B=two
      \tC_3="with blanks"  \("")
      D='$literal `x` \\ "q"'
      E=
      f=https://host:1/a?b=c=d

      """)
    #expect(file.problems == [])
    #expect(file.notices == [])
    #expect(
      file.entries == [
        .init(name: "A", value: "1", line: 4), .init(name: "B", value: "two", line: 5),
        .init(name: "C_3", value: "with blanks", line: 6),
        .init(name: "D", value: "$literal `x` \\ \"q\"", line: 7),
        .init(name: "E", value: "", line: 8),
        .init(name: "f", value: "https://host:1/a?b=c=d", line: 9),
      ])
  }

  @Test func `a byte order mark and Windows line ends are accepted with a notice`() {
    let file = parse("\u{FEFF}A=1\r\n# c\r\nB=2")
    #expect(file.problems == [])
    #expect(file.notices == [.byteOrderMark, .carriageReturns(lines: 2)])
    #expect(file.entries.map(\.value) == ["1", "2"])
  }

  @Test(arguments: [
    ("no equals", DotEnvFault.noEqualsSign),
    ("1A=x", .badName), ("=x", .badName), ("A-B=x", .badName), ("ä=x", .badName),
    ("A =x", .blankAtEqualsSign(name: "A")), ("A= x", .blankAtEqualsSign(name: "A")),
    ("A=x # why", .hashInComment(name: "A")), ("A=x\t#", .hashInComment(name: "A")),
    ("A=x#y", .hashInValue(name: "A")), ("A=#", .hashInValue(name: "A")),
    ("A='x#y'", .hashInValue(name: "A")),
    ("A=x y", .needsQuotes(name: "A")),
    ("A=$HOME", .needsSingleQuotes(name: "A")), ("A=\"$HOME\"", .needsSingleQuotes(name: "A")),
    ("A=x;y", .needsSingleQuotes(name: "A")), ("A=~/x", .needsSingleQuotes(name: "A")),
    ("A=x'y", .needsSingleQuotes(name: "A")),
    ("A='x", .openQuote(name: "A")), ("A=\"", .openQuote(name: "A")),
    ("A='x'y", .textAfterQuote(name: "A")),
    ("A=\u{1}", .controlCharacter), ("A=x\ry", .controlCharacter), ("A=\0", .controlCharacter),
    ("A=" + String(repeating: "x", count: 4_095), .tooLong),
  ])
  func `a bad line is named by its number and its fault`(line: String, fault: DotEnvFault) {
    let file = parse("GOOD=1\n\(line)\nALSO_GOOD=2\n")
    #expect(file.problems == [.badLine(2, fault)])
    #expect(file.entries.map(\.name) == ["GOOD", "ALSO_GOOD"])
  }

  @Test func `a line of exactly 4096 bytes is read`() {
    let file = parse("A=" + String(repeating: "x", count: 4_094))
    #expect(file.problems == [])
    #expect(file.entries.first?.value.utf8.count == 4_094)
  }

  @Test func `bytes that are not UTF-8 are a fault of their line`() {
    let file = DotEnv(parsing: Array("A=".utf8) + [0xFF] + Array("\nB=1".utf8))
    #expect(file.problems == [.badLine(1, .notUTF8)])
    #expect(file.entries == [.init(name: "B", value: "1", line: 2)])
  }

  @Test func `a name that stands twice is an error that names both lines`() {
    let file = parse("A=1\n\nA=1\n")
    #expect(file.problems == [.duplicateName("A", line: 3, firstLine: 1)])
    #expect(
      file.problems.map(\.message) == [
        ".env line 3: A is already set on line 1; keep one of them"
      ])
  }

  @Test func `a private key stops the start, and its message does not repeat it`() {
    let hex = String(repeating: "aB", count: 32)
    let file = parse("WALLET_PRIVATE=0x\(hex)\nmy_key=\(hex)\nA='-----BEGIN EC PRIVATE KEY-----'")
    #expect(
      file.problems == [
        .privateKey("WALLET_PRIVATE", line: 1), .privateKey("my_key", line: 2),
        .privateKey("A", line: 3),
      ])
    #expect(!file.problems.contains { $0.message.contains(hex) })
    let twice = parse("A=\nA=0x\(hex)")
    #expect(
      twice.problems == [.privateKey("A", line: 2), .duplicateName("A", line: 2, firstLine: 1)])
    let harmless = parse("L402_SECRET=\(hex)\nKEY=0x\(hex.dropLast())\nKEYS=g\(hex.dropFirst())")
    #expect(harmless.problems == [])
  }

  @Test func `a file of 262144 bytes is read and one byte more is refused`() {
    let full = [UInt8](repeating: 0x0A, count: 262_144)
    #expect(DotEnv(parsing: full).problems == [])
    #expect(DotEnv(parsing: full + [0x0A]).problems == [.fileTooLarge(bytes: 262_145)])
  }

  @Test(arguments: UInt64(0)..<64)
  func `no bytes make the reader trap`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet = Array("AZ_=#'\"$ \t\r\n\u{FEFF}é\0x".utf8)
    let bytes = (0..<400).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
    let file = DotEnv(parsing: bytes)
    let names = file.entries.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(file.entries.allSatisfy { !$0.value.contains("#") })
  }
}
