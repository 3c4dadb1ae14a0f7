import JSON
import Testing

struct ParserRefuseTests {
  @Test(
    arguments: [
      ("[1 true]", 3, .expectedCommaOrBracket),
      ("[\"x\"]]", 5, .trailingBytes),
      ("[1,,2]", 3, .expectedValue),
      ("[,1]", 1, .expectedValue),
      ("[1,]", 3, .expectedValue),
      ("[1,\n]", 4, .expectedValue),
      ("[", 1, .unexpectedEnd),
      ("[1", 2, .unexpectedEnd),
      ("[1,", 3, .unexpectedEnd),
      ("[\"\"", 3, .unexpectedEnd),
      ("[3[4]]", 2, .expectedCommaOrBracket),
      ("[1:2]", 2, .expectedCommaOrBracket),
      ("[*]", 1, .expectedValue),
      ("[1}", 2, .expectedCommaOrBracket),
      ("]", 0, .expectedValue),
      ("[\u{B}1]", 1, .expectedValue),
      ("[\u{A0}]", 1, .expectedValue),
      ("[\u{FEFF}]", 1, .expectedValue),
    ] as [(String, Int, JSONError.Reason)])
  func `faulty arrays are refused at their byte`(
    text: String, offset: Int, reason: JSONError.Reason
  ) {
    #expect(parsed(text) == .fault(offset, reason))
  }

  @Test(
    arguments: [
      ("{", 1, .unexpectedEnd),
      ("{\"a\"", 4, .unexpectedEnd),
      ("{\"a\":", 5, .unexpectedEnd),
      ("{\"a\":1", 6, .unexpectedEnd),
      ("{\"a\":1,", 7, .unexpectedEnd),
      ("{\"a\":1,}", 7, .expectedName),
      ("{,}", 1, .expectedName),
      ("{a:1}", 1, .expectedName),
      ("{'a':1}", 1, .expectedName),
      ("{1:1}", 1, .expectedName),
      ("{null:null}", 1, .expectedName),
      ("{\"a\",1}", 4, .expectedColon),
      ("{\"a\" 1}", 5, .expectedColon),
      ("{\"a\"::1}", 5, .expectedValue),
      ("{\"a\":}", 5, .expectedValue),
      ("{\"a\":1 \"b\":2}", 7, .expectedCommaOrBrace),
      ("{\"a\":1]", 6, .expectedCommaOrBrace),
      ("{\"a\":1,,\"b\":2}", 7, .expectedName),
      ("{\"a\":/*c*/1}", 5, .expectedValue),
      ("{\"a\":1}#", 7, .trailingBytes),
      ("{\"a\":1}//", 7, .trailingBytes),
      ("{}}", 2, .trailingBytes),
      ("{} {}", 3, .trailingBytes),
      ("{[]:1}", 1, .expectedName),
    ] as [(String, Int, JSONError.Reason)])
  func `faulty objects are refused at their byte`(
    text: String, offset: Int, reason: JSONError.Reason
  ) {
    #expect(parsed(text) == .fault(offset, reason))
  }

  @Test(arguments: [
    ("{\"a\":1,\"a\":2}", 7),
    ("{\"a\":1,\"a\":1}", 7),
    ("{\"a\":1,\"b\":2, \"\\u0061\":3}", 14),
    ("[{\"\":1},{\"\":1,\"\":1}]", 14),
    ("{\"x\":{\"a\":1,\"b\":2},\"y\":3,\"x\":4}", 25),
    ("{\"a\":1,\"b\":2,\"b\":3,\"a\":4}", 13),
  ])
  func `a name that stands twice in one object is refused`(text: String, offset: Int) {
    #expect(parsed(text) == .fault(offset, .duplicateName))
  }

  @Test(arguments: [2, 16, 17, 1000])
  func `the second of two equal names is found among many`(count: Int) {
    let members = (0..<count).map { "\"n\($0)\":0" }.joined(separator: ",")
    let text = "{\(members),\"n\(count / 2)\":0,\"n0\":0}"
    #expect(parsed(text) == .fault(members.utf8.count + 2, .duplicateName))
  }

  @Test(
    arguments: [
      ("-", 1, .unexpectedEnd),
      ("[-]", 2, .expectedDigit),
      ("[+1]", 1, .expectedValue),
      ("[.5]", 1, .expectedValue),
      ("[-.5]", 2, .expectedDigit),
      ("[1.]", 3, .expectedDigit),
      ("[1.e1]", 3, .expectedDigit),
      ("1.", 2, .unexpectedEnd),
      ("[01]", 1, .leadingZero),
      ("[-012]", 2, .leadingZero),
      ("[00.5]", 1, .leadingZero),
      ("[1e]", 3, .expectedDigit),
      ("[1e+]", 4, .expectedDigit),
      ("1E", 2, .unexpectedEnd),
      ("[1eE2]", 3, .expectedDigit),
      ("[1.2.3]", 4, .expectedCommaOrBracket),
      ("[1+2]", 2, .expectedCommaOrBracket),
      ("[0x1]", 2, .expectedCommaOrBracket),
      ("[1a]", 2, .expectedCommaOrBracket),
      ("[1_000]", 2, .expectedCommaOrBracket),
      ("[1 000]", 3, .expectedCommaOrBracket),
      ("[NaN]", 1, .expectedValue),
      ("[nan]", 2, .expectedValue),
      ("[Infinity]", 1, .expectedValue),
      ("[-Infinity]", 2, .expectedDigit),
      ("[--1]", 2, .expectedDigit),
      ("[\u{FF11}]", 1, .expectedValue),
      ("[1\u{660}]", 2, .expectedCommaOrBracket),
    ] as [(String, Int, JSONError.Reason)])
  func `faulty numbers are refused at their byte`(
    text: String, offset: Int, reason: JSONError.Reason
  ) {
    #expect(parsed(text) == .fault(offset, reason))
  }

  @Test(
    arguments: [
      ("\"", 1, .unexpectedEnd),
      ("\"abc", 4, .unexpectedEnd),
      ("\"\\", 2, .unexpectedEnd),
      ("\"\\\"", 3, .unexpectedEnd),
      ("[\"\\x00\"]", 2, .invalidEscape),
      ("[\"\\a\"]", 2, .invalidEscape),
      ("[\"\\'\"]", 2, .invalidEscape),
      ("[\"\\U0041\"]", 2, .invalidEscape),
      ("[\"\\\u{0}\"]", 2, .invalidEscape),
      ("[\"\\\u{1F300}\"]", 2, .invalidEscape),
      ("[\"\\u\"]", 2, .invalidEscape),
      ("[\"\\u00A\"]", 2, .invalidEscape),
      ("[\"\\u00Ag\"]", 2, .invalidEscape),
      ("[\"\\u+123\"]", 2, .invalidEscape),
      ("[\"\\ud800\"]", 2, .loneSurrogate),
      ("[\"ab\\ud800x\"]", 4, .loneSurrogate),
      ("[\"\\ud800\\n\"]", 2, .loneSurrogate),
      ("[\"\\ud800\\u\"]", 2, .loneSurrogate),
      ("[\"\\ud800\\ud800\"]", 2, .loneSurrogate),
      ("[\"\\udc00\\ud800\"]", 2, .loneSurrogate),
      ("[\"\\ud83d\\ude00\\udfff\"]", 14, .loneSurrogate),
      ("[\"a\nb\"]", 3, .controlByte),
      ("[\"\t\"]", 2, .controlByte),
      ("[\"\u{0}\"]", 2, .controlByte),
      ("[\"\u{1F}\"]", 2, .controlByte),
      ("[\"1234567890123456789012345678901\u{1F}\"]", 33, .controlByte),
      ("['a']", 1, .expectedValue),
      ("[\"a\"b\"]", 4, .expectedCommaOrBracket),
      ("[\\n]", 1, .expectedValue),
    ] as [(String, Int, JSONError.Reason)])
  func `faulty strings are refused at their byte`(
    text: String, offset: Int, reason: JSONError.Reason
  ) {
    #expect(parsed(text) == .fault(offset, reason))
  }

  @Test(
    arguments: [
      ("", 0, .unexpectedEnd),
      (" ", 1, .unexpectedEnd),
      ("\u{FEFF}{}", 0, .byteOrderMark),
      ("\u{FEFF}", 0, .byteOrderMark),
      ("nul", 3, .unexpectedEnd),
      ("nulll", 4, .trailingBytes),
      ("[nul]", 4, .expectedValue),
      ("True", 0, .expectedValue),
      ("TRUE", 0, .expectedValue),
      ("truf", 3, .expectedValue),
      ("undefined", 0, .expectedValue),
      ("<null>", 0, .expectedValue),
      ("1 2", 2, .trailingBytes),
      ("[]\u{0}", 2, .trailingBytes),
      ("\u{C}[]", 0, .expectedValue),
      ("[\u{2060}]", 1, .expectedValue),
      ("\u{E5}", 0, .expectedValue),
      ("\\u000A\"\"", 0, .expectedValue),
      ("[1],", 3, .trailingBytes),
      ("*", 0, .expectedValue),
    ] as [(String, Int, JSONError.Reason)])
  func `texts that are no single value are refused at their byte`(
    text: String, offset: Int, reason: JSONError.Reason
  ) {
    #expect(parsed(text) == .fault(offset, reason))
  }

  @Test(
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xC2], [0xC2, 0x41],
      [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28],
      [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
      [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x98, 0x41], [0xF4, 0x90, 0x80, 0x80],
      [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ] as [[UInt8]])
  func `bytes that are no UTF-8 are refused where their sequence begins`(sequence: [UInt8]) {
    for plain in [0, 1, 15, 16, 17, 33] {
      let before = [UInt8](repeating: 0x61, count: plain)
      let text = [0x5B, 0x22] + before + sequence + [0x22, 0x5D]
      #expect(parsed(text) == .fault(2 + plain, .invalidUTF8))
      #expect(parsed([0x22] + before + sequence) == .fault(1 + plain, .invalidUTF8))
      let name = [0x7B, 0x22] + before + sequence + [0x22, 0x3A, 0x30, 0x7D]
      #expect(parsed(name) == .fault(2 + plain, .invalidUTF8))
    }
    #expect(parsed(sequence) == .fault(0, .expectedValue))
    #expect(Text(utf8: sequence) == nil)
  }

  @Test func `UTF-16 is refused with and without its mark`() {
    #expect(parsed([0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00]) == .fault(0, .expectedValue))
    #expect(parsed([0x00, 0x5B, 0x00, 0x5D]) == .fault(0, .expectedValue))
    #expect(parsed([0x5B, 0x00, 0x5D, 0x00]) == .fault(1, .expectedValue))
  }

  @Test func `an error says what and where, and quotes nothing`() {
    let error = JSONError(offset: 7, reason: .duplicateName)
    #expect(
      error.description == "this member name was already used in the same object (byte 7)")
  }
}
