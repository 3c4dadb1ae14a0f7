import JSON
import Journal
import Ledger
import Service
import Testing

/// What a line of a Genesis file becomes, and which lines are refused.
@Suite struct ImportGenesisLineTests {
  private static let terms = GenesisLine.Terms(asset: .usdc, network: .base, rounding: .refuse)
  private static let rounding = GenesisLine.Terms(
    asset: .usdc, network: .base, rounding: .halfEven)

  /// A line that is fine but for the members given; a nil member is left out.
  private static func line(_ changes: [(String, String?)]) -> [UInt8] {
    var members: [(String, String)] = [
      ("transaction_id", "\"tx_12345\""), ("timestamp", "\"2025-11-16T03:00:00\""),
      ("agent_id", "\"builder_agent\""), ("vendor", "\"openai\""), ("price_usdc", "1.1"),
      ("status", "\"completed\""), ("blockchain_tx_hash", "null"), ("error", "null"),
    ]
    for (name, value) in changes {
      members.removeAll { $0.0 == name }
      if let value { members.append((name, value)) }
    }
    let text = members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
    return Array("{\(text)}".utf8)
  }

  private static func read(
    _ changes: [(String, String?)], _ terms: GenesisLine.Terms = ImportGenesisLineTests.terms
  ) throws(GenesisFault) -> GenesisLine {
    try GenesisLine(line(changes), terms: terms)
  }

  @Test func `a line becomes a payment with every field in its place`() throws {
    let hash = "0xAB" + String(repeating: "0", count: 62)
    let payment = try Self.read([
      ("timestamp", "\"2025-11-16T05:00:00.123456+02:00\""),
      ("blockchain_tx_hash", "\"\(hash)\""), ("duration_seconds", "1.2345"),
      ("service_url", "\"https://a.example/x\""),
      ("facilitator_receipt", "{\"b\": [1.50, null], \"a\": \"\\u0041/\"}"),
      ("who_knows", "{}"),
    ]).payment
    #expect(payment.transaction.text == "tx_12345")
    #expect(payment.occurredAt.rfc3339 == "2025-11-16T03:00:00.123Z")
    #expect(
      payment.parties == PaymentParties(agent: "builder_agent", vendor: "openai", network: .base))
    #expect(payment.amount == Money(units: 1_100_000, asset: .usdc))
    #expect(payment.phase == .completed)
    #expect(payment.chainHash?.text == Text("0xab" + String(repeating: "0", count: 62)))
    #expect(payment.error == nil)
    #expect(!payment.vendorFault)
    #expect(payment.latencyMilliseconds == 1_234)
    #expect(payment.serviceURL == "https://a.example/x")
    #expect(payment.facilitatorReceipt == "{\"a\":\"A/\",\"b\":[1.50,null]}")
  }

  @Test(arguments: [
    ("1.1", 1_100_000), ("0", 0), ("0.0", 0), ("3", 3_000_000), ("0.000001", 1),
    ("1e-2", 10_000), ("1E-6", 1), ("2.5E-1", 250_000), ("12.5e1", 125_000_000),
    ("1e+3", 1_000_000_000), ("0e99", 0), ("1.1000000000", 1_100_000), ("100e-8", 1),
    ("\"2.50\"", 2_500_000), ("\"1e-2\"", 10_000),
  ])
  func `an amount is read exactly from its text`(text: String, units: Int) throws {
    let line = try Self.read([("price_usdc", text)])
    #expect(line.payment.amount == Money(units: Int128(units), asset: .usdc))
    #expect(line.roundedFrom == nil)
  }

  @Test(arguments: [
    ("0.30000000000000004", GenesisFault.amountTooPrecise("0.30000000000000004", allowed: 6)),
    ("0.0000001", .amountTooPrecise("0.0000001", allowed: 6)),
    ("1e-7", .amountTooPrecise("1e-7", allowed: 6)),
    ("12.5e-7", .amountTooPrecise("12.5e-7", allowed: 6)),
    ("-1.5", .amountNegative("-1.5")), ("-0", .amountNegative("-0")),
    ("1e400", .amountTooLarge("1e400")), ("1e101", .amountTooLarge("1e101")),
    ("1e40", .amountTooLarge("1e40")), ("1e-101", .amountTooLarge("1e-101")),
    ("1e99999999999999999999", .amountTooLarge("1e99999999999999999999")),
    ("\"1,5\"", .amountMalformed("1,5")), ("\"\"", .amountMalformed("")),
    ("\"nan\"", .amountMalformed("nan")), ("\"inf\"", .amountMalformed("inf")),
    ("\"0x1p3\"", .amountMalformed("0x1p3")), ("\" 1\"", .amountMalformed(" 1")),
    ("\"01\"", .amountMalformed("01")), ("\"+1\"", .amountMalformed("+1")),
    ("\"0.01abc\"", .amountMalformed("0.01abc")), ("\"1.\"", .amountMalformed("1.")),
    (
      "null",
      .wrongType(field: "price_usdc", expected: "a number, or a string that is one")
    ),
  ])
  func `an amount that is not exact is refused`(text: String, fault: GenesisFault) {
    #expect(throws: fault) { try Self.read([("price_usdc", text)]) }
  }

  @Test(arguments: [
    ("0.30000000000000004", 300_000), ("0.0000005", 0), ("0.0000015", 2), ("0.00000051", 1),
    ("0.0000025", 2), ("5e-7", 0),
  ])
  func `with rounding the tie goes to the even and the text is told`(text: String, units: Int)
    throws
  {
    let line = try Self.read([("price_usdc", text)], Self.rounding)
    #expect(line.payment.amount == Money(units: Int128(units), asset: .usdc))
    #expect(line.roundedFrom == Text(text))
  }

  @Test(arguments: [
    ("completed", PaymentPhase.completed), ("captured", .completed), ("paid", .completed),
    ("PAID", .completed), ("pending", .pending), ("authorized", .pending), ("failed", .failed),
    ("FAILED", .failed), ("expired", .failed), ("cancelled", .failed),
  ])
  func `a status word has one meaning`(word: String, phase: PaymentPhase) throws {
    #expect(try Self.read([("status", "\"\(word)\"")]).payment.phase == phase)
  }

  @Test(arguments: ["success", "refunded", "unknown", "", "complete", "failed "])
  func `a status word without a meaning is refused by its name`(word: String) {
    #expect(throws: GenesisFault.statusUnknown(word)) {
      try Self.read([("status", "\"\(word)\"")])
    }
  }

  @Test(
    arguments: [
      ("failed", "503 service unavailable", true), ("failed", "timeout after 30s", true),
      ("failed", nil, true), ("failed", "Insufficient funds", false),
      ("failed", "Wallet too low", false), ("failed", "Daily BUDGET exceeded", false),
      ("failed", "per-transaction limit", false), ("cancelled", "service unavailable", false),
      ("expired", nil, false), ("completed", "503 service unavailable", false),
    ] as [(String, String?, Bool)])
  func `only a failure that is the vendor's counts against it`(
    status: String, error: String?, isVendors: Bool
  ) throws {
    let payment = try Self.read([
      ("status", "\"\(status)\""), ("error", error.map { "\"\($0)\"" } ?? "null"),
    ]).payment
    #expect(payment.vendorFault == isVendors)
  }

  @Test func `a failure without a text is named after its status`() throws {
    let expired = try Self.read([("status", "\"expired\""), ("error", "\"\"")]).payment
    #expect(expired.error == "expired")
    #expect(try Self.read([("status", "\"cancelled\"")]).payment.error == "cancelled")
    #expect(try Self.read([("status", "\"failed\"")]).payment.error == nil)
  }

  @Test(arguments: [
    "transaction_id", "timestamp", "agent_id", "vendor", "price_usdc", "status",
  ])
  func `a field that must be there is missed by its name`(field: String) {
    #expect(throws: GenesisFault.missing(field: field)) { try Self.read([(field, nil)]) }
  }

  @Test(arguments: [
    ("transaction_id", "\"tx 1\"", GenesisFault.idInvalid("tx 1")),
    ("transaction_id", "\"\"", .idInvalid("")),
    ("transaction_id", "7", .wrongType(field: "transaction_id", expected: "a string")),
    ("timestamp", "1762732800", .wrongType(field: "timestamp", expected: "a string")),
    ("timestamp", "\"2026-11-31T10:00:00Z\"", .timestampInvalid("2026-11-31T10:00:00Z")),
    ("timestamp", "\"2026-11-30T10:00:60Z\"", .timestampInvalid("2026-11-30T10:00:60Z")),
    ("agent_id", "\"\"", .nameInvalid(field: "agent_id")),
    ("vendor", "null", .wrongType(field: "vendor", expected: "a string")),
    ("error", "7", .wrongType(field: "error", expected: "a string or null")),
    ("network", "\"base mainnet\"", .networkInvalid("base mainnet")),
    ("latency_ms", "-1", .latencyInvalid(field: "latency_ms", "-1")),
    ("duration_ms", "\"1\"", .wrongType(field: "duration_ms", expected: "a number")),
    ("duration_seconds", "1e300", .latencyInvalid(field: "duration_seconds", "1e300")),
  ])
  func `a wrong value is refused by its field`(
    field: String, value: String, fault: GenesisFault
  ) {
    #expect(throws: fault) { try Self.read([(field, value)]) }
  }

  @Test func `a name has at most 256 bytes and an id at most 128`() throws {
    let name = String(repeating: "a", count: 256)
    #expect(try Self.read([("vendor", "\"\(name)\"")]).payment.parties.vendor == Text(name))
    #expect(throws: GenesisFault.nameInvalid(field: "vendor")) {
      try Self.read([("vendor", "\"\(name)a\"")])
    }
    let id = String(repeating: "b", count: 128)
    #expect(try Self.read([("transaction_id", "\"\(id)\"")]).payment.transaction.text == Text(id))
    #expect(throws: GenesisFault.idInvalid(id + "b")) {
      try Self.read([("transaction_id", "\"\(id)b\"")])
    }
  }

  @Test func `a line's own network wins over the option`() throws {
    let payment = try Self.read([("network", "\"base-sepolia\"")]).payment
    #expect(payment.parties.network == Network("base-sepolia"))
  }

  @Test(arguments: [
    "", "{", "[1,2]", "7", "null", "{\"a\":1,\"a\":2}", "{\"price_usdc\": NaN}",
    "{\"vendor\": \"\\ud800\"}", "{\"a\": 01}", "{} {}", "\u{FEFF}{}",
    String(repeating: "[", count: 200_000),
  ])
  func `what is no JSON object is refused`(text: String) {
    let error = #expect(throws: GenesisFault.self) {
      try GenesisLine(Array(text.utf8), terms: Self.terms)
    }
    #expect(
      ["NOT_JSON", "NOT_AN_OBJECT", "FIELD_MISSING"].contains(error?.code ?? ""),
      "\(error.map { "\($0)" } ?? "nothing")")
  }

  @Test(arguments: UInt64(0)..<64)
  func `no bytes make the reader trap`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var bytes = Self.line([("facilitator_receipt", "{\"a\":[1,2,{\"b\":null}]}")])
    for _ in 0..<8 {
      let index = Int(random.next() % UInt64(bytes.count))
      switch random.next() % 3 {
      case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes.remove(at: index)
      default: bytes.insert(bytes[index], at: index)
      }
      let read = Result { () throws(GenesisFault) in try GenesisLine(bytes, terms: Self.terms) }
      switch read {
      case .success(let line):
        // What was taken in must be a line that we can write, read and recognise.
        let wire = ImportLine(key: nil, book: .real, payment: line.payment)
        #expect(try ImportLine(Self.bytes(of: wire)).payment.printed == line.payment.printed)
      case .failure(let fault): #expect(!fault.sentence.isEmpty)
      }
    }
  }

  private static func bytes(of line: ImportLine) -> [UInt8] {
    var out = JSONWriter()
    line.write(to: &out)
    return out.bytes
  }
}

extension ImportPayment {
  /// All that the payment says, as text.
  var printed: String {
    var out = JSONWriter()
    out.beginObject()
    writePrint(to: &out)
    out.endObject()
    return String(decoding: out.bytes, as: UTF8.self) + "\(vendorFault)"
  }
}
