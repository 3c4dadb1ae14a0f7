import JSON
import Testing

private func object(_ members: (Text, JSONValue)...) -> JSONValue {
  guard let object = JSONObject(members.map { .init(name: $0.0, value: $0.1) }) else {
    fatalError("the test repeats a name")
  }
  return .object(object)
}

private func number(_ text: Text) -> JSONValue {
  guard let number = JSONNumber(text) else { fatalError("\(text) is no number") }
  return .number(number)
}

struct ParserAcceptTests {
  @Test(
    arguments: [
      ("[]", .array([])),
      (" [] ", .array([])),
      ("[\n]", .array([])),
      ("[[],[[]]]", .array([.array([]), .array([.array([])])])),
      ("[null, 1, \"1\", {}]", .array([.null, number("1"), .string("1"), object()])),
      ("[ 4]", .array([number("4")])),
      ("[false ,true]", .array([.bool(false), .bool(true)])),
      ("[1\n,2]", .array([number("1"), number("2")])),
      ("\t[\r1 ]\n", .array([number("1")])),
    ] as [(String, JSONValue)])
  func `arrays with any white space are accepted`(text: String, value: JSONValue) {
    #expect(parsed(text) == .value(value))
  }

  @Test(arguments: [
    ("{}", object()),
    ("{\"a\":1}", object(("a", number("1")))),
    ("{\"a\" : 1 , \"b\" : [ ] }", object(("a", number("1")), ("b", .array([])))),
    ("{\"\":0}", object(("", number("0")))),
    ("{\"fo\\u0000o\":null}", object(("fo\u{0}o", .null))),
    ("{\"\\u0061\":1,\"A\":2}", object(("a", number("1")), ("A", number("2")))),
    ("{\"a\":{\"a\":{\"a\":[]}}}", object(("a", object(("a", object(("a", .array([])))))))),
    ("{\n\"a\": \"b\"\n}", object(("a", .string("b")))),
  ])
  func `objects keep their members in written order`(text: String, value: JSONValue) {
    #expect(parsed(text) == .value(value))
  }

  @Test(arguments: [
    "0", "-0", "1", "-1", "123", "10", "0.5", "-0.0", "123.456", "1e1", "1E1", "1e+2", "1E-2",
    "0e1", "0e+1", "0.1e00", "20e0001", "123.456e78", "1e400", "-1e-400",
    "0.00000000000000000000000000000000000000000000000000000000000000000001",
    "100000000000000000000000000000000000000000000000000000000000000000000000000000",
  ])
  func `numbers keep the text that they were written with`(text: String) {
    #expect(parsed(text) == .value(number(Text(text))))
    #expect(parsed("[\(text) ]") == .value(.array([number(Text(text))])))
  }

  @Test(
    arguments: [
      ("\"\"", ""),
      ("\"asd \"", "asd "),
      ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{C}\n\r\t"),
      ("\"\\\\a\"", "\\a"),
      ("\"\\u0000\"", "\u{0}"),
      ("\"\\u0012\\u002c\"", "\u{12},"),
      ("\"\\uAbCd\\ud7FF\\uE000\"", "\u{ABCD}\u{D7FF}\u{E000}"),
      ("\"\\uD801\\udc37\"", "\u{10437}"),
      ("\"\\ud83d\\ude39\\ud83d\\udc8d\"", "\u{1F639}\u{1F48D}"),
      ("\"\\uDBFF\\uDFFF\\uD800\\uDC00\"", "\u{10FFFF}\u{10000}"),
      (
        "\"\u{7F}/\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\"",
        "\u{7F}/\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}"
      ),
      ("\"\u{2028}\u{2029}\u{200B}\"", "\u{2028}\u{2029}\u{200B}"),
      ("\"a/*b*/c\"", "a/*b*/c"),
      ("\"123456789012345\"", "123456789012345"),
      ("\"1234567890123456\"", "1234567890123456"),
      ("\"12345678901234567890123456789012\\n\"", "12345678901234567890123456789012\n"),
    ] as [(String, Text)])
  func `strings are decoded`(text: String, value: Text) {
    #expect(parsed(text) == .value(.string(value)))
    #expect(parsed("[\(text)]") == .value(.array([.string(value)])))
  }

  @Test func `escaped noncharacters are characters to us`() {
    let bytes: [UInt8] = [
      0xEF, 0xBF, 0xBE, 0xEF, 0xBF, 0xBF, 0xEF, 0xB7, 0x90, 0xF4, 0x8F, 0xBF, 0xBE,
    ]
    #expect(
      parsed("\"\\uFFFE\\uFFFF\\uFDD0\\uDBFF\\uDFFE\"")
        == Text(utf8: bytes).map { .value(.string($0)) })
    #expect(parsed([0x22] + bytes + [0x22]) == Text(utf8: bytes).map { .value(.string($0)) })
  }

  @Test func `a single value of any kind is a text`() {
    #expect(parsed("null") == .value(.null))
    #expect(parsed("true") == .value(.bool(true)))
    #expect(parsed("false\n") == .value(.bool(false)))
    #expect(parsed(" \"x\"") == .value(.string("x")))
    #expect(parsed("42 ") == .value(number("42")))
  }

  @Test func `names that only Swift's String calls equal are different names`() {
    let composed = "\u{E9}"
    let decomposed = "e\u{301}"
    #expect(composed == decomposed)
    let value = object((Text(composed), number("1")), (Text(decomposed), number("2")))
    #expect(parsed("{\"\(composed)\":1,\"\(decomposed)\":2}") == .value(value))
    #expect(value.object?[Text(decomposed)] == number("2"))
  }

  @Test(arguments: [1, 2, 15, 16, 17, 18, 300])
  func `every member of an object of any size is found by its name`(count: Int) {
    let names = (0..<count).map { Text("name \(($0 * 7919) % 1009)") }
    let text = names.map { "\"\($0)\":\"\($0)\"" }.joined(separator: ",")
    guard case .value(.object(let object)) = parsed("{\(text)}") else {
      Issue.record("the object is refused")
      return
    }
    #expect(object.members.map(\.name) == names)
    for name in names { #expect(object[name] == .string(name)) }
    #expect(object["name"] == nil)
    #expect(object["zzz"] == nil)
    #expect(object[""] == nil)
  }
}
