import JSON
import Ledger
import Seeded
import Testing

/// Identifiers, ULIDs, fingerprints, chain hashes and networks.
@Suite struct ValueTests {
  // MARK: identifiers

  @Test func `an own id is read back to the same 128 bits`() {
    let ulid = ULID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
    let own = TransactionID(ulid)
    #expect(own.text == Text("tx_\(ulid)"))
    #expect(TransactionID(own.text) == own)
    #expect(ULID(high: 0, low: 0).description == "00000000000000000000000000")
    #expect(ULID(high: .max, low: .max).description == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
  }

  @Test(arguments: UInt64(0)..<100)
  func `every own id survives its text`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let own = ReceiptID(ULID(high: random.next(), low: random.next()))
    #expect(ReceiptID(own.text) == own)
    #expect(own.text.utf8Count == 31)
  }

  @Test func `the text of a ULID sorts by its time`() throws {
    let early = ULID(at: try .of("2026-11-16T03:00:00.000Z"), random: (.max, .max))
    let late = ULID(at: try .of("2026-11-16T03:00:00.001Z"), random: (0, 0))
    #expect(early.description < late.description)
    #expect(early.high >> 16 == 1_794_798_000_000)
    #expect(ULID(at: .earliest, random: (0, 1)) == ULID(high: 0, low: 1))
  }

  @Test(
    arguments: [
      "tx_12345", "a", "0", "A.b-c_d:e", "550e8400-e29b-41d4-a716-446655440000",
      // Past 128 bits, of the wrong length, in lower case, or with a letter that Crockford leaves
      // out: none is one of ours, all are kept verbatim.
      "tx_80000000000000000000000000", "tx_0000000000000000000000000",
      "tx_0123456789abcdefghjkmnpqrs", "tx_0000000000000000000000000I",
      "tx_0000000000000000000000000L", "tx_0000000000000000000000000O",
      "tx_0000000000000000000000000U", "rcpt_00000000000000000000000000",
    ] as [Text])
  func `a foreign id is kept verbatim`(text: Text) {
    #expect(TransactionID(text)?.text == text)
  }

  @Test func `an id has 1 to 128 allowed bytes`() {
    #expect(TransactionID("") == nil)
    let longest = Text(String(repeating: "x", count: 128))
    #expect(TransactionID(longest)?.text == longest)
    #expect(TransactionID(Text(longest.string + "x")) == nil)
  }

  @Test func `exactly the allowed bytes may stand in an id`() {
    let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-".utf8)
    for byte in UInt8(0)...127 {
      let text = Text(String(decoding: [0x61, byte, 0x62], as: UTF8.self))
      #expect((TransactionID(text) != nil) == allowed.contains(byte), "byte \(byte)")
      #expect((Network(text) != nil) == allowed.contains(byte), "byte \(byte)")
    }
    #expect(TransactionID("é") == nil)
    #expect(TransactionID("a\u{301}") == nil)
  }

  // MARK: fingerprints and hashes

  @Test func `a fingerprint is exactly 64 lower-case hex digits`() {
    let hex =
      "0123456789abcdef" + String(repeating: "f", count: 16)
      + String(repeating: "0", count: 16) + "fedcba9876543210"
    let print = Fingerprint(hex: Array(hex.utf8).span)
    #expect(
      print == Fingerprint((0x0123_4567_89AB_CDEF, .max, 0, 0xFEDC_BA98_7654_3210)))
    #expect(print?.hex == Text(hex))
    #expect(Fingerprint(hex: Array(hex.uppercased().utf8).span) == nil)
    #expect(Fingerprint(hex: Array(hex.dropLast().utf8).span) == nil)
    #expect(Fingerprint(hex: Array((hex + "0").utf8).span) == nil)
  }

  @Test func `every byte at every place of a fingerprint is read as a digit or refused`() {
    let zeros = [UInt8](repeating: 0x30, count: 64)
    let digits = Array("0123456789abcdef".utf8)
    for index in zeros.indices {
      for byte in UInt8.min...UInt8.max {
        var bytes = zeros
        bytes[index] = byte
        let print = Fingerprint(hex: bytes.span)
        guard let value = digits.firstIndex(of: byte) else {
          #expect(print == nil, "\(byte) at \(index)")
          continue
        }
        var words: [UInt64] = [0, 0, 0, 0]
        words[index / 16] = UInt64(value) << UInt64(60 - index % 16 * 4)
        #expect(print == Fingerprint((words[0], words[1], words[2], words[3])))
      }
    }
  }

  @Test func `fingerprints differ when any word differs`() {
    let base = Fingerprint((1, 2, 3, 4))
    for other in [(9, 2, 3, 4), (1, 9, 3, 4), (1, 2, 9, 4), (1, 2, 3, 9)]
      as [(
        UInt64, UInt64, UInt64, UInt64
      )]
    {
      #expect(Fingerprint(other) != base)
    }
    #expect(Set([base, Fingerprint((1, 2, 3, 4))]).count == 1)
  }

  @Test func `an EVM hash is one whatever the case of its digits`() {
    let lower = Text("0x" + String(repeating: "ab", count: 32))
    let upper = Text("0X" + String(repeating: "AB", count: 32))
    #expect(ChainHash(lower) == ChainHash(upper))
    #expect(ChainHash(upper).text == lower)
    #expect(ChainHash(Text(lower.string + "0")).text.string == lower.string + "0")
  }

  @Test(arguments: ["", "0xabc", "0xABC", "5VERYbase58Signature", "0x", "sha256:00"] as [Text])
  func `any other hash is kept as given`(text: Text) {
    #expect(ChainHash(text) == .other(text))
    #expect(ChainHash(text).text == text)
  }

  // MARK: networks

  @Test func `a network name has 1 to 64 bytes`() {
    #expect(Network("") == nil)
    #expect(Network(Text(String(repeating: "n", count: 64))) != nil)
    #expect(Network(Text(String(repeating: "n", count: 65))) == nil)
    #expect(Network("base") == .base)
  }

  @Test(
    arguments: [
      ("base", false), ("base-sepolia", true), ("BASE-SEPOLIA", true), ("eip155:8453", false),
      ("eip155:84532", true), ("eip155:11155111", true), ("eip155:1", false), ("solana", false),
      ("solana-devnet", true), ("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", true),
      ("avalanche-fuji", true), ("polygon-amoy", true), ("bitcoin-testnet", true),
      ("regtest", true),
      ("lightning", false), ("fake", true), ("fakenet", false), ("sepolia", true),
    ] as [(Text, Bool)])
  func `play money is told from money by its network`(name: Text, isTest: Bool) {
    #expect(Network(name)?.isTest == isTest)
  }

  @Test func `a verifier mode is found in any ASCII case and no other word is one`() {
    #expect(VerifierMode("strict") == .strict)
    #expect(VerifierMode("STUB") == .stub)
    #expect(VerifierMode("") == nil)
    #expect(VerifierMode("strict ") == nil)
    #expect(VerifierMode("lax") == nil)
  }

  // MARK: the table of texts

  @Test(arguments: UInt64(0)..<20)
  func `a text keeps the number that it got first`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var table = TextTable()
    var model: [Text: UInt32] = [:]
    for _ in 0..<2_000 {
      let text = Text(String(repeating: "k", count: random.below(3)) + "\(random.below(700))")
      #expect(table.find(text) == model[text])
      let number = table.intern(text)
      #expect(number == model[text, default: UInt32(model.count)])
      model[text] = number
    }
    #expect(table.count == model.count)
    for (text, number) in model { #expect(table[number] == text) }
  }

  @Test func `texts are told apart by their bytes`() {
    var table = TextTable()
    #expect(table.intern("") == 0)
    #expect(table.intern("\u{E9}") == 1)
    #expect(table.intern("e\u{301}") == 2)
    #expect(table.intern("") == 0)
    #expect(table[2] == "e\u{301}")
    #expect(table.find("e") == nil)
  }

  @Test func `tables are equal when the same texts came in the same order`() {
    var left = TextTable()
    var right = TextTable()
    for text in ["a", "bc", "d"] as [Text] { _ = left.intern(text) }
    for text in ["a", "bc", "a", "d"] as [Text] { _ = right.intern(text) }
    #expect(left == right)
    var shifted = TextTable()
    for text in ["ab", "c", "d"] as [Text] { _ = shifted.intern(text) }
    #expect(left != shifted)
  }

  @Test func `lower case folds ASCII only`() {
    #expect(("ABC-Ünïcode" as Text).asciiLowercased == "abc-Ünïcode")
    #expect(("É" as Text).asciiLowercased == "É")
  }
}
