import JSON
import Ledger
import Testing

/// What an event writes, it reads; and what stands in the log is written again as it was.
@Suite struct EventCodecTests {
  @Test(arguments: Golden.all)
  func `both readers read the golden bytes and the writer gives them back`(golden: Golden) throws {
    let bytes = Array(golden.data.utf8)
    let fast = try predicted(golden.type, golden.subject, bytes)
    let slow = try parsed(golden.type, golden.subject, bytes)
    #expect(fast == slow)
    #expect(fast.type == golden.type)
    #expect(fast.subject == golden.subject)
    #expect(String(decoding: dataBytes(fast), as: UTF8.self) == golden.data)
  }

  @Test(arguments: Golden.all)
  func `members in another order, and unknown ones, read the same`(golden: Golden) throws {
    let object = try #require(try JSONParser.parse(Array(golden.data.utf8), limits: .line).object)
    var members = Array(object.members.reversed())
    members.append(.init(name: "a_field_of_tomorrow", value: .array([.null])))
    let shuffled = try #require(JSONObject(members))
    var out = JSONWriter()
    out.value(.object(shuffled), sortingMembers: false)
    let event = try parsed(golden.type, golden.subject, out.bytes)
    #expect(dataBytes(event) == Array(golden.data.utf8))
    #expect(throws: FieldError.unpredicted) {
      try predicted(golden.type, golden.subject, out.bytes)
    }
  }

  @Test(arguments: Golden.all)
  func `a required member cannot be left out`(golden: Golden) throws {
    let object = try #require(try JSONParser.parse(Array(golden.data.utf8), limits: .line).object)
    let optional: Set<Text> = [
      "mark_seq", "quarantine", "occurred_at", "service_url", "blockchain_tx_hash", "latency_ms",
      "facilitator_receipt", "receiver", "ticket", "wallet", "component", "business_id",
      "strategy", "purpose", "tx_id", "memo",
      "replaces", "block", "confirmations",
    ]
    for member in object.members {
      let rest = try #require(JSONObject(object.members.filter { $0.name != member.name }))
      var out = JSONWriter()
      out.value(.object(rest), sortingMembers: false)
      let reads = (try? parsed(golden.type, golden.subject, out.bytes)) != nil
      let isOptional =
        optional.contains(member.name) || golden.optional.contains(member.name)
      #expect(reads == isOptional, "\(member.name)")
    }
  }

  @Test func `every type has golden bytes and a name of its own`() {
    #expect(Set(Golden.all.map(\.type)) == Set(EventType.allCases))
    #expect(Set(EventType.allCases.map { "\($0.name)" }).count == EventType.allCases.count)
    for type in EventType.allCases {
      #expect(EventType(name: Array("\(type.name)".utf8).span) == type)
    }
    #expect(EventType(name: Array("payment.Completed".utf8).span) == nil)
    #expect(EventType(name: [UInt8]().span) == nil)
  }

  @Test(arguments: [
    (#""amount":"1.250000""#, #""amount":"1.25""#),
    (#""amount":"1.250000""#, #""amount":"01.250000""#),
    (#""amount":"1.250000""#, #""amount":"-1.250000""#),
    (#""amount":"1.250000""#, #""amount":"1.2500000""#),
    (#""amount":"1.250000""#, #""amount":".250000""#),
    (#""amount":"1.250000""#, #""amount":1.250000"#),
    (#""amount":"1.250000""#, #""amount":"170141183460469231731687303715884.105728""#),
    (#""amount":"1.250000""#, #""amount":"1000000000000000000000000000000000000000.000000""#),
    (#""asset":"USDC""#, #""asset":"usdc""#), (#""asset":"USDC""#, #""asset":"XYZ""#),
    (#""network":"base""#, #""network":"""#), (#""network":"base""#, #""network":"a b""#),
    (#""source":"external""#, #""source":"direct""#),
    (#""source":"external""#, #""source":"hearsay""#),
    (#""occurred_at":"2026-11-16T03:00:00.123Z""#, #""occurred_at":"2026-11-16T03:00:00Z""#),
    (#""occurred_at":"2026-11-16T03:00:00.123Z""#, #""occurred_at":"2026-11-16 03:00:00.123Z""#),
    (#""occurred_at":"2026-11-16T03:00:00.123Z""#, #""occurred_at":null"#),
  ])
  func `a start with a bad member is refused by both readers`(good: String, bad: String) throws {
    let golden = try #require(Golden.all.first { $0.type == .paymentStarted })
    let parts = golden.data.split(separator: good, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    let bytes = Array((parts[0] + bad + parts[1]).utf8)
    #expect(throws: FieldError.self) { try predicted(golden.type, golden.subject, bytes) }
    #expect(throws: FieldError.self) { try parsed(golden.type, golden.subject, bytes) }
  }

  @Test func `positions, statuses and subjects outside their range are refused`() {
    let seals = #"{"predecessor":"x","last_seq":-1}"#
    #expect(throws: FieldError.self) { try event(.segmentOpened, "ledger", seals) }
    for status in [99, 600] {
      let answer = #"{"status":\#(status),"headers":{},"body":""}"#
      #expect(throws: FieldError.self) { try event(.gatewayResponseRecorded, "rcpt_1", answer) }
    }
    let answer = #"{"status":100,"headers":{},"body":""}"#
    #expect(throws: FieldError.self) { try event(.gatewayResponseRecorded, "", answer) }
    #expect(throws: FieldError.self) { try event(.gatewayResponseRecorded, "a b", answer) }
    let hash = String(repeating: "0", count: 64)
    let restored =
      #"{"reason":"","by":"","last_good_seq":0,"last_good_hash":"\#(hash)","mark_seq":-1}"#
    #expect(throws: FieldError.self) { try event(.ledgerRestored, "ledger", restored) }
  }

  @Test(arguments: [
    (#""status":"FAIL""#, #""status":"fail""#), (#""severity":"high""#, #""severity":"P0""#),
    (#""folded_to_seq":41"#, #""folded_to_seq":-1"#), (#""findings":["#, #""findings":[7,"#),
    (#""report_sha256""#, #""report_sha""#), (#""report_path""#, #""report""#),
    (#""window_to":"2026-11-16T00:00:00.000Z""#, #""window_to":"2026-11-16""#),
  ])
  func `a run with a bad member is refused by both readers`(good: String, bad: String) throws {
    let golden = try #require(Golden.all.first { $0.type == .jobCompleted })
    let parts = golden.data.split(separator: good, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    let bytes = Array((parts[0] + bad + parts[1]).utf8)
    #expect(throws: FieldError.self) { try predicted(golden.type, golden.subject, bytes) }
    #expect(throws: FieldError.self) { try parsed(golden.type, golden.subject, bytes) }
  }

  @Test(arguments: Golden.all)
  func `a cut or changed byte never reads as something that writes differently`(
    golden: Golden
  ) throws {
    let bytes = Array(golden.data.utf8)
    for index in bytes.indices {
      #expect(throws: FieldError.self) {
        try predicted(golden.type, golden.subject, Array(bytes[..<index]))
      }
      for byte in [UInt8(0x22), 0x2C, 0x7D, 0x30, 0x00, 0xFF, 0x5C, bytes[index] ^ 1] {
        var changed = bytes
        changed[index] = byte
        guard let fast = try? predicted(golden.type, golden.subject, changed) else { continue }
        // Whatever the fast reader takes, the strict one takes, and as the same.
        #expect((try? parsed(golden.type, golden.subject, changed)) == fast)
      }
    }
  }
}
