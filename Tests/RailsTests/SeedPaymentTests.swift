import JSON
import Ledger
import Rails
import Testing

/// The seed's payment header: what pays, what is malformed, what is no payment at all.
@Suite struct SeedPaymentTests {
  private func strict(_ header: Text) -> PaymentClaim {
    SeedPayment.claim(payment: [header], paidFlag: nil, mode: .strict)
  }

  private func stub(_ header: Text) -> PaymentClaim {
    SeedPayment.claim(payment: [header], paidFlag: nil, mode: .stub)
  }

  private func dollars(_ units: Int128) -> Money { Money(units: units, asset: .usdc) }

  @Test(
    arguments: [
      ("v1:0.01:proof123", 10_000, "proof123"), ("v1:0:abcdef", 0, "abcdef"),
      ("v1:1:abc-_9", 1_000_000, "abc-_9"), ("v1:0.000001:ABCDEF", 1, "ABCDEF"),
      ("v1:10.5:aaaaaa", 10_500_000, "aaaaaa"), ("v1:0.010000:aaaaaa", 10_000, "aaaaaa"),
      ("v1:123456789:aaaaaa", 123_456_789_000_000, "aaaaaa"),
      ("v1:170141183460469231731687303715884.105727:aaaaaa", .max, "aaaaaa"),
    ] as [(Text, Int128, Text)])
  func `the seed's form pays in both modes`(header: Text, units: Int128, proof: Text) {
    #expect(strict(header) == .proof(proof, paid: dollars(units)))
    #expect(stub(header) == .proof(proof, paid: dollars(units)))
  }

  @Test(
    arguments: [
      "v1:inf:proof123", "v1:Infinity:proof123", "v1:nan:proof123", "v1:-1:proof123",
      "v1:+1:proof123", "v1:-0:proof123", "v1:1e9:proof123", "v1:1E9:proof123", "v1:0x1p3:proof123",
      "v1:0.01abc:proof123", "v1:1,5:proof123", "v1:0.0000001:proof123", "v1:0.0100000:proof123",
      "v1:00:proof123", "v1:01:proof123", "v1:00.01:proof123", "v1:.01:proof123", "v1:1.:proof123",
      "v1::proof123", "v1:0.01:", "v1:0.01", "v1:", "v1", "v", "V1:0.01:proof123",
      "v2:0.01:proof123", " v1:0.01:proof123", "v1:0.01:proof123 ", "v1: 0.01:proof123",
      "v1:0.01:short", "v1:0.01:pro of1", "v1:0.01:proof:123", "v1:0.01:proof123\u{0}",
      "v1:0.01:pröof123", "v1:0.01:proof/123", "v1:0.01:proof+12=", "v1:０.01:proof123",
      "v1:170141183460469231731687303715884.105728:aaaaaa", "v1:1.2.3:proof123",
      "eyJ4NDAyVmVyc2lvbiI6MX0=", "proof123", "true",
    ] as [Text])
  func `anything else is malformed in strict mode`(header: Text) {
    #expect(strict(header) == .malformed)
  }

  @Test func `a proof has 6 to 128 bytes`() {
    for (length, isGood) in [(5, false), (6, true), (128, true), (129, false)] {
      let proof = Text(String(repeating: "p", count: length))
      let expected = isGood ? PaymentClaim.proof(proof, paid: dollars(10_000)) : .malformed
      #expect(strict(Text("v1:0.01:\(proof)")) == expected)
    }
  }

  @Test func `an amount that does not fit is malformed, however long the header`() {
    let proof = String(repeating: "p", count: 128)
    for (digits, isGood) in [(32, true), (33, false), (300, false)] {
      let header = "v1:" + String(repeating: "9", count: digits) + ":" + proof
      #expect((strict(Text(header)) != .malformed) == isGood)
    }
  }

  @Test func `no header is missing, several are malformed`() {
    for mode in VerifierMode.allCases {
      #expect(SeedPayment.claim(payment: [], paidFlag: nil, mode: mode) == .missing)
      #expect(SeedPayment.claim(payment: [""], paidFlag: nil, mode: mode) == .missing)
      let two: [Text] = ["v1:0.01:proof123", "v1:0.01:proof123"]
      #expect(SeedPayment.claim(payment: two, paidFlag: "true", mode: mode) == .malformed)
    }
  }

  @Test func `the flag X-Paid counts in stub mode only`() {
    #expect(SeedPayment.claim(payment: [], paidFlag: "true", mode: .strict) == .missing)
    for flag in ["true", "TRUE", "True"] as [Text] {
      #expect(
        SeedPayment.claim(payment: [], paidFlag: flag, mode: .stub)
          == .proof("x-paid", paid: nil))
    }
    for flag in ["", "1", "yes", "false", "true "] as [Text] {
      #expect(SeedPayment.claim(payment: [], paidFlag: flag, mode: .stub) == .missing)
    }
    // A header says more than the flag.
    #expect(
      SeedPayment.claim(payment: ["v1:0.02:proof123"], paidFlag: "true", mode: .stub)
        == .proof("proof123", paid: dollars(20_000)))
  }

  @Test(arguments: ["paid", "v1:inf:proof123", "anything at all", "x"] as [Text])
  func `in stub mode any other header pays the price`(header: Text) {
    #expect(stub(header) == .proof(header, paid: nil))
  }

  @Test func `a header that speaks the protocol proper never pays as a stub`() {
    for header in [
      "eyJ4NDAyVmVyc2lvbiI6MX0=", "eyAieDQwMlZlcnNpb24iOjF9", "ewoieCI6MX0=", #"{"x402":1}"#,
    ] as [Text] {
      #expect(stub(header) == .malformed)
      #expect(strict(header) == .malformed)
    }
    #expect(stub(Text(String(repeating: "x", count: 128))) != .malformed)
    #expect(stub(Text(String(repeating: "x", count: 129))) == .malformed)
  }

  @Test(arguments: UInt64(0)..<100)
  func `no header makes the reader trap, and what pays has the form`(seed: UInt64) throws {
    var state = seed
    func below(_ bound: Int) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
    let form = try Regex("v1:(0|[1-9][0-9]*)(\\.[0-9]{1,6})?:[A-Za-z0-9_-]{6,128}")
    let alphabet = Array("v1:0.9-_eaZ+ é\u{0}")
    for _ in 0..<200 {
      var header = Array("v1:0.01:proof123")
      for _ in 0..<below(4) { header[below(header.count)] = alphabet[below(alphabet.count)] }
      if below(4) == 0 { header.removeLast(below(header.count)) }
      let text = String(header)
      let hasForm = try form.wholeMatch(in: text) != nil
      if case .proof = strict(Text(text)) {
        #expect(hasForm, "\(text)")
      } else {
        #expect(!hasForm, "\(text)")
      }
    }
  }
}
