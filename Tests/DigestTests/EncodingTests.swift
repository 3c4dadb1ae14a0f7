import Digest
import Seeded
import Testing

/// Hex and base64: what is written is read back, and nothing else is read.
@Suite struct EncodingTests {
  /// RFC 4648 section 10.
  static let vectors = [
    ("", "", ""), ("f", "Zg==", "66"), ("fo", "Zm8=", "666f"), ("foo", "Zm9v", "666f6f"),
    ("foob", "Zm9vYg==", "666f6f62"), ("fooba", "Zm9vYmE=", "666f6f6261"),
    ("foobar", "Zm9vYmFy", "666f6f626172"),
  ]

  @Test(arguments: vectors)
  func `the vectors of RFC 4648 hold in both directions`(
    text: String, base64: String, hex: String
  ) {
    let bytes = Array(text.utf8)
    let bare = String(base64.prefix { $0 != "=" })
    #expect(Base64.encode(bytes) == base64)
    #expect(Base64.decode(base64) == bytes)
    #expect(Base64.encode(bytes, alphabet: .url, padding: .forbidden) == bare)
    #expect(Base64.decode(bare, alphabet: .url, padding: .forbidden) == bytes)
    #expect(Hex.encode(bytes) == hex)
    #expect(Hex.decode(hex) == bytes)
  }

  @Test func `62 and 63 are written as the alphabet says and read only by it`() {
    let bytes: [UInt8] = [0xfb, 0xff, 0xbf]
    #expect(Base64.encode(bytes, alphabet: .standard) == "+/+/")
    #expect(Base64.encode(bytes, alphabet: .url) == "-_-_")
    #expect(Base64.decode("+/+/", alphabet: .standard) == bytes)
    #expect(Base64.decode("-_-_", alphabet: .url) == bytes)
    #expect(Base64.decode("+/+/", alphabet: .url) == nil)
    #expect(Base64.decode("-_-_", alphabet: .standard) == nil)
  }

  @Test(arguments: [
    "Z", "Zg", "Zg=", "Zg===", "Zg====", "=", "==", "===", "====", "Z===", "Zm9v=", "Zm9v====",
    "=Zg=", "Z=g=", "Zg==Zg==", "Zm8=Zm8=", "Zm9v Zm9", "Zm9v\n", "Zm9v\r\n\r\n", "Zm9\u{0}",
    "Zm9é", "Zh==", "Zm9=", "Zm+=", "....",
  ])
  func `padded base64 that no encoder writes is refused`(text: String) {
    #expect(Base64.decode(text) == nil)
  }

  @Test(arguments: ["Z", "Zg==", "Zg=", "Zm8=", "Zh", "Zm9", "Zm9vY", "Zm9v=", "="])
  func `bare base64 that no encoder writes is refused`(text: String) {
    #expect(Base64.decode(text, padding: .forbidden) == nil)
  }

  @Test(arguments: UInt64(0)..<100)
  func `random bytes come back from every spelling`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let bytes = (0..<Int(seed)).map { _ in UInt8.random(in: 0...255, using: &random) }
    for alphabet in [Base64.Alphabet.standard, .url] {
      for padding in [Base64.Padding.required, .forbidden] {
        let text = Base64.encode(bytes, alphabet: alphabet, padding: padding)
        #expect(Base64.decode(text, alphabet: alphabet, padding: padding) == bytes)
      }
    }
    #expect(Hex.decode(Hex.encode(bytes)) == bytes)
    #expect(Hex.decode(Hex.encode(bytes).uppercased(), acceptingUpperCase: true) == bytes)
  }

  @Test(arguments: UInt64(0)..<200)
  func `whatever four characters base64 reads, it writes again`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<200 {
      let alphabet = Array("AZgwx/+=-_9".utf8)
      let text = (0..<4).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      guard let bytes = Base64.decode(text) else { continue }
      #expect(Base64.encode(bytes) == String(decoding: text, as: UTF8.self))
    }
  }

  @Test(arguments: [
    "0", "abc", "0g", "g0", " 0", "0x", "00 ", "é", "0\u{0}", "/0", ":0", "`0", "@0",
  ])
  func `hex with an odd length or a foreign byte is refused`(text: String) {
    #expect(Hex.decode(text) == nil)
    #expect(Hex.decode(text, acceptingUpperCase: true) == nil)
  }

  @Test func `upper-case hex is read only when asked for`() {
    #expect(Hex.decode("AF") == nil)
    #expect(Hex.decode("aF") == nil)
    #expect(Hex.decode("AF", acceptingUpperCase: true) == [0xaf])
    #expect(Hex.decode("aF09", acceptingUpperCase: true) == [0xaf, 0x09])
    #expect(Hex.decode("AG", acceptingUpperCase: true) == nil)
  }
}
