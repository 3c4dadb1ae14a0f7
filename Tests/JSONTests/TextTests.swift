import JSON
import Seeded
import Testing

struct TextTests {
  @Test func `texts are equal only when their bytes are`() {
    let composed = Text("caf\u{E9}")
    let decomposed = Text("cafe\u{301}")
    #expect(composed.string == decomposed.string)
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
    #expect(composed == Text("caf\u{E9}"))
    #expect(composed.hashValue == Text("caf\u{E9}").hashValue)
  }

  @Test(arguments: UInt64(0)..<200)
  func `order and equality are those of the bytes`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let left = RandomJSON.text(&random)
    var right = RandomJSON.text(&random)
    if random.below(3) == 0 { right = Text(left.string + right.string) }
    let (leftBytes, rightBytes) = (Array(left.string.utf8), Array(right.string.utf8))
    #expect((left == right) == (leftBytes == rightBytes))
    #expect((left < right) == leftBytes.lexicographicallyPrecedes(rightBytes))
    #expect((right < left) == rightBytes.lexicographicallyPrecedes(leftBytes))
    #expect(left == Text(utf8: leftBytes))
    #expect(left.utf8Count == leftBytes.count)
    #expect(left.withUTF8 { Array($0) } == leftBytes)
  }

  @Test func `bytes beyond ASCII come after ASCII`() {
    let words: [Text] = ["z", "\u{E9}", "", "a", "ab", "\u{10000}", "\u{FFFF}", "A", "aa"]
    #expect(words.sorted() == ["", "A", "a", "aa", "ab", "z", "\u{E9}", "\u{FFFF}", "\u{10000}"])
  }

  @Test func `a cut never splits a scalar`() {
    let text: Text = "a\u{E9}\u{20AC}\u{1F600}b"
    let cuts = (-1...12).map { text.cut(toUTF8Bytes: $0).string }
    #expect(
      cuts == [
        "", "", "a", "a", "a\u{E9}", "a\u{E9}", "a\u{E9}", "a\u{E9}\u{20AC}", "a\u{E9}\u{20AC}",
        "a\u{E9}\u{20AC}", "a\u{E9}\u{20AC}", "a\u{E9}\u{20AC}\u{1F600}", text.string, text.string,
      ])
  }

  @Test func `a prefix is compared by bytes`() {
    let text: Text = "sha256:e\u{301}"
    #expect(text.hasPrefix("sha256:"))
    #expect(text.hasPrefix("sha256:e"))
    #expect(text.hasPrefix(""))
    #expect(!text.hasPrefix("sha256:\u{E9}"))
    #expect(!text.hasPrefix("sha256:e\u{301}x"))
    #expect(!text.hasPrefix("SHA256:"))
  }

  @Test func `the empty text has no bytes`() {
    #expect(Text("").isEmpty)
    #expect(Text(utf8: []) == "")
    #expect(!Text("a").isEmpty)
    #expect(Text("a").description == "a")
  }
}

struct NumberTests {
  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("7", 7), ("-7", -7), ("9223372036854775807", .max),
      ("-9223372036854775808", .min), ("9223372036854775808", nil), ("-9223372036854775809", nil),
      ("1.0", nil), ("1e2", nil), ("1E0", nil), ("0.0", nil), ("1e400", nil),
    ] as [(Text, Int64?)])
  func `an integer is a number that is written as one and fits`(text: Text, value: Int64?) {
    #expect(JSONNumber(text).map { $0.integer() } == .some(value))
  }

  @Test(arguments: ["", "-", "01", "+1", "1 ", " 1", "1.", ".1", "1e", "0x1", "NaN", "1,", "--1"])
  func `what is no number is not taken as one`(text: String) {
    #expect(JSONNumber(Text(text)) == nil)
  }

  @Test func `numbers compare by their text`() {
    #expect(JSONNumber("1.0") != JSONNumber("1"))
    #expect(JSONNumber(-12) == JSONNumber("-12"))
  }
}

struct LinePositionTests {
  @Test func `lines and bytes count from one`() {
    let text = Array("{\n\"\u{E9}\":1,\r\n\n x".utf8)
    let places = (-1...text.count + 1).map { LinePosition(offset: $0, in: text).description }
    #expect(
      places == [
        "line 1, byte 1", "line 1, byte 1", "line 1, byte 2", "line 2, byte 1", "line 2, byte 2",
        "line 2, byte 3", "line 2, byte 4", "line 2, byte 5", "line 2, byte 6", "line 2, byte 7",
        "line 2, byte 8", "line 2, byte 9", "line 3, byte 1", "line 4, byte 1", "line 4, byte 2",
        "line 4, byte 3", "line 4, byte 3",
      ])
  }

  @Test func `the empty text has one place`() {
    #expect(LinePosition(offset: 0, in: []).description == "line 1, byte 1")
  }
}

struct TextCacheTests {
  @Test(arguments: [1, 16, 300])
  func `a cache gives the text that was asked for, however often it is pushed out`(slots: Int) {
    let cache = TextCache(slots: slots)
    var random = SplitMix64(seed: UInt64(slots))
    let names = (0..<200).map { _ in RandomJSON.text(&random) } + ["", "a", "a\u{0}", "\u{0}"]
    for _ in 0..<2_000 {
      let name = names[random.below(names.count)]
      var writer = JSONWriter()
      writer.beginObject()
      writer.field("n", name)
      writer.endObject()
      withSlack(writer.bytes) { bytes, count in
        var reader = FieldReader(predicting: bytes, count: count, cache: cache)
        #expect(throws: Never.self) {
          #expect(try reader.cachedText("n") == name)
          try reader.finish()
        }
      }
    }
  }
}
