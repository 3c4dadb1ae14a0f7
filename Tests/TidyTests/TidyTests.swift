import Testing

/// The sources keep to the house rules, and each rule can fail.
@Suite struct TidyTests {
  @Test(arguments: Rule.allCases)
  func `the sources keep to the rule`(rule: Rule) {
    let findings = SourceTree.files().flatMap(rule.findings(in:))
    #expect(findings.isEmpty, "\n\(findings.map(\.description).joined(separator: "\n"))")
  }

  @Test func `the sources are found at all`() {
    let files = SourceTree.files()
    #expect(Set(files.map(\.module)).isSuperset(of: ["JSON", "Digest", "Ledger"]))
    #expect(files.count > 30)
    #expect(files.allSatisfy { !$0.lines.isEmpty })
  }

  /// A piece of source, and how often it breaks its rule.
  struct Sample: Sendable, CustomTestStringConvertible {
    let rule: Rule
    let module: String
    let text: String
    let count: Int
    var testDescription: String { "\(rule) \(module) \(text.prefix(40))" }

    static func bad(_ rule: Rule, _ module: String, _ text: String, _ count: Int = 1) -> Sample {
      Sample(rule: rule, module: module, text: text, count: count)
    }

    static func good(_ rule: Rule, _ module: String, _ text: String) -> Sample {
      Sample(rule: rule, module: module, text: text, count: 0)
    }

    private static let body = String(repeating: "  let x = 1\n", count: 68)

    static let all: [Sample] = [
      bad(.importsPointDown, "Ledger", "import Glibc"),
      bad(.importsPointDown, "Ledger", "public import Digest\n@preconcurrency import Journal", 2),
      bad(.importsPointDown, "JSON", "import struct Foundation.Date"),
      bad(.importsPointDown, "HTTP", "internal import Ledger"),
      bad(.importsPointDown, "Rails", "import Journal"),
      bad(.importsPointDown, "Journal", "import Service"),
      bad(.importsPointDown, "Service", "import Foundation"),
      bad(.importsPointDown, "tollbook", "import Ledger"),
      bad(.importsPointDown, "Unheard", "import JSON"),
      good(
        .importsPointDown, "Ledger", "public import JSON\n// import Glibc\nlet a = \"import B\""),
      good(.importsPointDown, "Journal", "import Glibc\nimport CSystem\nlet a = Kind.import"),
      good(.importsPointDown, "Service", "import FoundationEssentials\nimport HTTP"),
      bad(.coreIsPure, "Ledger", "let price: Double = 0.01", 2),
      bad(.coreIsPure, "Ledger", "let x = Int.random(in: 0..<2) + names.shuffled().count", 2),
      bad(.coreIsPure, "Ledger", "let now = ContinuousClock().now; let then = Date()", 2),
      bad(.coreIsPure, "Ledger", "let text = \"\\(Float(1))\""),
      bad(.coreIsPure, "Ledger", "print(\"here\")"),
      good(
        .coreIsPure, "Ledger",
        "let a = pair.0.1 + $0.0 // 0.5 Double\nlet b = \"0.5\"\nlet c = 0..<5"),
      good(.coreIsPure, "Ledger", "init(random: UInt64) { low = random.value }\nlet print = x"),
      good(.coreIsPure, "Service", "let seconds: Double = 0.5"),
      bad(.filesAreShort, "JSON", String(repeating: "\n", count: 401)),
      good(.filesAreShort, "JSON", String(repeating: "\n", count: 400)),
      bad(.functionsAreShort, "JSON", "func a() {\n\(body)\n}\n"),
      bad(.functionsAreShort, "JSON", "struct A {\n  init?(b: Int) {\n\(body)\n}\n}\n"),
      bad(.functionsAreShort, "JSON", "deinit {\n\(body)\n}\n"),
      good(.functionsAreShort, "JSON", "func a(b: [Int]) -> Int {\n\(body)}\n"),
      good(.functionsAreShort, "JSON", "protocol A {\n  func a()\n}\nstruct B {\n\(body)\n}\n"),
      bad(.linesAreShort, "JSON", String(repeating: "é", count: 101)),
      good(.linesAreShort, "JSON", String(repeating: "é", count: 100)),
      bad(.namesSayWhatIsMeant, "JSON", "final class RequestHandler {}\nenum JSONUtils {}", 2),
      bad(.namesSayWhatIsMeant, "JSON", "public struct HelperTable {}\nactor LogManager {}", 2),
      good(.namesSayWhatIsMeant, "JSON", "struct Handlebar {}\nstruct Commons {}\n// class Util"),
      bad(.typesAreDocumented, "JSON", "struct A {\n  /// Half\n  enum B {}\n}", 2),
      bad(.typesAreDocumented, "JSON", "// A comment of three words.\nprotocol A {}"),
      bad(.typesAreDocumented, "JSON", "/// Says something of another.\n\nfinal class A {}"),
      good(.typesAreDocumented, "JSON", "/// Says what it is.\n@frozen\npublic struct A {}"),
      good(.typesAreDocumented, "JSON", "let actor: Text\nclass func a() {}\nextension A {}"),
      bad(.nothingIsForced, "JSON", "try! a()\nlet b = c as! D\nlet e = try? f()", 3),
      bad(.nothingIsForced, "JSON", "a!\nb()!\nc[0]!\nlet d: E!\n{}!", 5),
      bad(.nothingIsForced, "JSON", "let text = \"\\(a!)\""),
      good(.nothingIsForced, "JSON", "if !a, b != c, d() != e { \"f!\" } // g!\nlet h = i as? J"),
      good(
        .nothingIsForced, "JSON", "let raw = #\"\"a!\"\"#\nlet long = \"\"\"\n  b! \" c!\n  \"\"\""),
      bad(.typesAreNotNamedLikeModules, "Ledger", "struct Ledger {}\nenum HTTP {}", 2),
      good(.typesAreNotNamedLikeModules, "Ledger", "struct LedgerClock {}"),
    ]
  }

  @Test(arguments: Sample.all)
  func `a rule finds its bad samples and lets the good ones pass`(sample: Sample) {
    let file = SourceFile(module: sample.module, path: "Sample.swift", text: sample.text)
    let findings = sample.rule.findings(in: file)
    #expect(findings.count == sample.count, "\(findings)")
  }

  @Test func `every rule has a bad sample`() {
    #expect(Set(Sample.all.filter { $0.count > 0 }.map(\.rule)) == Set(Rule.allCases))
  }

  @Test func `a finding says where`() {
    let file = SourceFile(
      module: "Ledger", path: "Sources/Ledger/A.swift", text: "\nimport Glibc\n")
    #expect(
      Rule.importsPointDown.findings(in: file).map(\.description)
        == ["Sources/Ledger/A.swift:2: Ledger may not import Glibc"])
  }
}
