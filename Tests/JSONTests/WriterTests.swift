import JSON
import Seeded
import Testing

struct WriterTests {
  @Test func `commas, keys and brackets come without spaces`() {
    let text = written { writer in
      writer.beginObject()
      writer.field("seq", 42 as Int64)
      writer.field("at", "2026-11-16T03:00:00.123Z")
      writer.flag("fake", true)
      writer.flag("more", false)
      writer.optional("reason", nil as Text?)
      writer.optional("note", "a" as Text)
      writer.optional("late", nil as Int64?)
      writer.optional("late", -1 as Int64)
      writer.key("data")
      writer.beginObject()
      writer.endObject()
      writer.key("list")
      writer.beginArray()
      writer.string("a" as StaticString)
      writer.string("b" as String)
      writer.integer(7)
      writer.null()
      writer.boolean(false)
      writer.beginArray()
      writer.endArray()
      writer.beginObject()
      writer.key("\"k\"" as Text)
      writer.boolean(true)
      writer.endObject()
      writer.endArray()
      writer.key("hash")
      writer.quotedASCII { $0.append(contentsOf: [0x61, 0x62]) }
      writer.endObject()
    }
    #expect(
      text == """
        {"seq":42,"at":"2026-11-16T03:00:00.123Z","fake":true,"note":"a","late":-1,"data":{},\
        "list":["a","b",7,null,false,[],{"\\"k\\"":true}],"hash":"ab"}
        """)
  }

  @Test func `only quotes, backslashes and control bytes are escaped`() {
    let controls = Text(
      String(String.UnicodeScalarView((0..<0x20).map { Unicode.Scalar(UInt8($0)) })))
    let expected =
      #""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"#
      + #"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d"#
      + #"\u001e\u001f""#
    #expect(written { $0.string(controls) } == expected)
    let verbatim = "a/b'<>&\u{7F}\u{80}\u{E9}\u{2028}\u{1F600}"
    #expect(written { $0.string(Text(verbatim)) } == "\"\(verbatim)\"")
    #expect(written { $0.string("\"\\" as StaticString) } == #""\"\\""#)
  }

  @Test(arguments: 0..<70)
  func `an escape is found at every place of a string of any length`(length: Int) {
    let plain = [UInt8](repeating: 0x7A, count: length)
    for place in 0..<length {
      for (byte, escape) in [(0x22, "\\\""), (0x5C, "\\\\"), (0x1F, "\\u001f"), (0x00, "\\u0000")] {
        var bytes = plain
        bytes[place] = UInt8(byte)
        let text = String(decoding: bytes, as: UTF8.self)
        let before = String(repeating: "z", count: place)
        let after = String(repeating: "z", count: length - place - 1)
        let expected = "{\"k\":\"\(before)\(escape)\(after)\"}"
        #expect(
          written {
            $0.beginObject()
            $0.field("k", text)
            $0.endObject()
          } == expected)
      }
    }
    let field = written { $0.field("k", String(decoding: plain, as: UTF8.self)) }
    #expect(field == "\"k\":\"\(String(repeating: "z", count: length))\"")
  }

  @Test(arguments: UInt64(0)..<100)
  func `a field is what key and string write`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let text = RandomJSON.text(&random)
    let apart = written { writer in
      writer.key("k")
      writer.string(text)
    }
    #expect(written { $0.field("k", text) } == apart)
    #expect(written { $0.field("k", text.string) } == apart)
  }

  @Test func `integers of every width are written in full`() {
    var values: [Int64] = [0, .min, .max, .min + 1, .max - 1]
    var power: Int64 = 1
    for _ in 0..<18 {
      power *= 10
      values += [power - 1, power, power + 1, -power + 1, -power, -power - 1]
    }
    for value in values {
      #expect(written { $0.integer(value) } == "\(value)")
      #expect(written { $0.field("n", value) } == "\"n\":\(value)")
    }
    #expect(written { $0.integer(UInt64.max) } == "18446744073709551615")
    #expect(written { $0.field("n", UInt64.max) } == "\"n\":18446744073709551615")
    #expect(written { $0.field("n", -5) } == "\"n\":-5")
    #expect(written { $0.integer(Int128.min) } == "\(Int128.min)")
    #expect(written { $0.integer(200 as UInt8) } == "200")
  }

  @Test func `lines can be collected in one buffer, which can be emptied`() {
    var writer = JSONWriter(reserving: 10)
    for _ in 0..<2 {
      writer.beginObject()
      writer.field("a", true)
      writer.endObject()
      writer.bytes.append(0x0A)
    }
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "{\"a\":true}\n{\"a\":true}\n")
    writer.removeAll()
    writer.beginArray()
    writer.endArray()
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "[]")
  }

  @Test func `members are sorted by the bytes of their names when asked`() {
    guard
      case .value(let value) = parsed(
        #"{"b":1.50,"\u00e9":{"z":[{"y":2,"x":1}],"a":"\/"},"a":1E2}"#)
    else {
      Issue.record("the text is refused")
      return
    }
    #expect(
      written { $0.value(value, sortingMembers: true) }
        == #"{"a":1E2,"b":1.50,"é":{"a":"/","z":[{"x":1,"y":2}]}}"#)
    #expect(
      written { $0.value(value, sortingMembers: false) }
        == #"{"b":1.50,"é":{"z":[{"y":2,"x":1}],"a":"/"},"a":1E2}"#)
  }

  @Test func `a value that the parser would never build is written without a crash`() {
    var value = JSONValue.null
    for _ in 0..<5_000 { value = .array([value]) }
    let text = written { $0.value(value, sortingMembers: true) }
    #expect(text.utf8.count == 10_004)
  }

  @Test(arguments: UInt64(0)..<300)
  func `what was written is read back equal`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let value = RandomJSON.value(&random, depth: 5)
    var writer = JSONWriter()
    writer.value(value, sortingMembers: false)
    #expect(parsed(writer.bytes, .file) == .value(value))
  }

  @Test(arguments: UInt64(0)..<300)
  func `sorting twice changes nothing`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var first = JSONWriter()
    first.value(RandomJSON.value(&random, depth: 5), sortingMembers: true)
    guard case .value(let again) = parsed(first.bytes, .file) else {
      Issue.record("the canonical bytes are refused")
      return
    }
    var second = JSONWriter()
    second.value(again, sortingMembers: true)
    #expect(second.bytes == first.bytes)
  }
}
