import JSON
import Ledger
import Testing

/// Records that read but cannot be true: listed, not applied, never a crash.
@Suite struct ViolationTests {
  private static let parties = #""agent_id":"a","vendor":"v","network":"base""#
  private static let started =
    #"{\#(parties),"amount":"1.000000","asset":"USDC","source":"external"}"#
  private static let completed =
    #"{\#(parties),"settled":"1.000000","asset":"USDC","source":"external"}"#
  private static let failed =
    #"{\#(parties),"code":"C","error":"E","vendor_fault":true,"source":"external"}"#
  private static let answer = #"{"status":200,"headers":{},"body":""}"#

  private func accepted(
    amount: String = "0.010000", mode: String = "strict", proof: String = "proof123"
  ) -> String {
    let hash = String(repeating: "0", count: 64)
    return
      #"{"method":"POST","path":"/","request_hash":"\#(hash)","proof_id":"\#(proof)","proof_mode":"\#(mode)","amount":"\#(amount)","asset":"USDC","price":"0.010000","network":"base","policy_id":"default"}"#
  }

  /// The scenario after the last record was found illegal; it must differ in nothing else.
  private func refuse(
    _ scenario: inout Scenario, _ event: Event, as reason: Violation.Reason,
    key: KeyBinding? = nil, more: Bool = false, at: Timestamp? = nil
  ) {
    let before = scenario.state
    scenario.append(event, key: key, more: more, at: at)
    let after = scenario.state
    #expect(after.violations.count == before.violations.count + 1)
    let violation = after.violations.first.last
    #expect(violation?.reason == reason)
    #expect(violation?.seq == after.seq)
    #expect(violation?.type == event.type)
    #expect(violation?.subject == event.subject)
    for book in Book.allCases { #expect(after[book] == before[book]) }
    #expect(after.controls == before.controls)
    #expect(after.seq == before.seq + 1)
    #expect(fed(after) != fed(before))
  }

  @Test func `a payment begins once and ends once`() throws {
    var scenario = try Scenario()
    let start = try event(.paymentStarted, "tx_1", ViolationTests.started)
    let end = try event(.paymentCompleted, "tx_1", ViolationTests.completed)
    let failure = try event(.paymentFailed, "tx_1", ViolationTests.failed)
    refuse(&scenario, end, as: .neverStarted)
    refuse(&scenario, failure, as: .neverStarted)
    scenario.append(start)
    refuse(&scenario, start, as: .alreadyStarted)
    scenario.append(end)
    refuse(&scenario, end, as: .alreadyClosed)
    refuse(&scenario, failure, as: .alreadyClosed)
    refuse(&scenario, start, as: .alreadyStarted)
    #expect(scenario.state[.real].tallies.payments.allOutcomes.completed == 1)
  }

  @Test(arguments: [
    (#""agent_id":"a""#, #""agent_id":"b""#), (#""vendor":"v""#, #""vendor":"V""#),
    (#""network":"base""#, #""network":"solana""#),
  ])
  func `an end names the parties of the start`(good: String, bad: String) throws {
    var scenario = try Scenario()
    scenario.append(try event(.paymentStarted, "tx_1", ViolationTests.started))
    for (type, data) in [
      (EventType.paymentCompleted, ViolationTests.completed),
      (.paymentFailed, ViolationTests.failed),
    ] {
      let parts = data.split(separator: good, omittingEmptySubsequences: false)
      try #require(parts.count == 2)
      let other = try event(type, "tx_1", String(parts[0] + bad + parts[1]))
      refuse(&scenario, other, as: .partiesChanged)
    }
  }

  @Test func `a completion is in the asset of the start`() throws {
    var scenario = try Scenario()
    scenario.append(try event(.paymentStarted, "tx_1", ViolationTests.started))
    let euros =
      #"{\#(ViolationTests.parties),"settled":"1.000000","asset":"EURC","source":"external"}"#
    refuse(&scenario, try event(.paymentCompleted, "tx_1", euros), as: .assetChanged)
  }

  @Test func `a key names one unit and stands on its first record`() throws {
    var scenario = try Scenario()
    let key = KeyBinding(key: "k", op: "payment.import", print: fingerprint(1))
    let other = KeyBinding(key: "k2", op: "payment.import", print: fingerprint(1))
    let starts = try (0..<4).map {
      try event(.paymentStarted, Text("tx_\($0)"), ViolationTests.started)
    }
    scenario.append(starts[0], key: key)
    refuse(&scenario, starts[1], as: .keyUsedTwice, key: key)
    scenario.append(starts[1], more: true)
    refuse(&scenario, starts[2], as: .keyInsideUnit, key: other)
    #expect(scenario.state[.real].keyCount == 1)
    scenario.append(starts[2], key: other)
    #expect(scenario.state[.real].keyCount == 2)
  }

  @Test func `a record that is refused does not use up its key`() throws {
    var scenario = try Scenario()
    let key = KeyBinding(key: "k", op: "payment.import", print: fingerprint(1))
    let end = try event(.paymentCompleted, "tx_1", ViolationTests.completed)
    refuse(&scenario, end, as: .neverStarted, key: key)
    scenario.append(try event(.paymentStarted, "tx_1", ViolationTests.started), key: key)
    #expect(scenario.state[.real].keyCount == 1)
    #expect(scenario.state.violations.count == 1)
  }

  @Test func `a strict proof pays once, a receipt is given once`() throws {
    var scenario = try Scenario()
    scenario.append(try event(.gatewayPaymentAccepted, "rcpt_1", accepted()), more: true)
    scenario.append(try event(.gatewayResponseRecorded, "rcpt_1", ViolationTests.answer))
    refuse(
      &scenario, try event(.gatewayPaymentAccepted, "rcpt_2", accepted()), as: .proofUsedTwice)
    refuse(
      &scenario, try event(.gatewayPaymentAccepted, "rcpt_1", accepted(proof: "proof-2")),
      as: .receiptUsedTwice)
    scenario.append(try event(.gatewayPaymentAccepted, "rcpt_3", accepted(mode: "stub")))
    #expect(scenario.state[.real].receipts.count == 2)
  }

  @Test func `a receipt is for the price at least`() throws {
    var scenario = try Scenario()
    let little = accepted(amount: "0.009999")
    refuse(&scenario, try event(.gatewayPaymentAccepted, "rcpt_1", little), as: .underpaid)
    scenario.append(try event(.gatewayPaymentAccepted, "rcpt_1", accepted()))
    #expect(scenario.state.violations.count == 1)
  }

  @Test func `an answer stands right behind its payment, in the same unit, once`() throws {
    var scenario = try Scenario()
    let answer = try event(.gatewayResponseRecorded, "rcpt_1", ViolationTests.answer)
    let other = try event(.gatewayResponseRecorded, "rcpt_2", ViolationTests.answer)
    refuse(&scenario, answer, as: .answerWithoutPayment)
    // The payment says that nothing more belongs to its unit.
    scenario.append(try event(.gatewayPaymentAccepted, "rcpt_1", accepted()))
    refuse(&scenario, answer, as: .answerWithoutPayment)
    let second = accepted(proof: "proof-2")
    scenario.append(try event(.gatewayPaymentAccepted, "rcpt_2", second), more: true)
    refuse(&scenario, answer, as: .answerWithoutPayment, more: true)
    // The right answer comes too late now.
    refuse(&scenario, other, as: .answerWithoutPayment)
    let third = accepted(proof: "proof-3")
    scenario.append(try event(.gatewayPaymentAccepted, "rcpt_3", third), more: true)
    let right = try event(.gatewayResponseRecorded, "rcpt_3", ViolationTests.answer)
    scenario.append(right)
    refuse(&scenario, right, as: .answerWithoutPayment)
  }

  @Test func `time does not go back, but for an accepted clock`() throws {
    var scenario = try Scenario()
    let start = try event(.paymentStarted, "tx_1", ViolationTests.started)
    let earlier = scenario.now.advanced(byMilliseconds: -1)
    var same = scenario
    same.append(start)
    #expect(same.violations.isEmpty)
    refuse(&scenario, start, as: .timeWentBack, at: earlier)
    let adjusted =
      #"{"from":"2026-11-16T12:00:00.000Z","to":"2026-11-16T11:00:00.000Z","reason":"r","by":"o"}"#
    scenario.append(try event(.clockAdjusted, "ledger", adjusted), at: .earliest)
    #expect(scenario.state.violations.count == 1)
  }

  @Test func `a ledger begins with its opening and has only one`() throws {
    let opened = try event(
      .ledgerOpened, "ledger", #"{"ledger_id":"L","schema":1,"software":"s"}"#)
    var scenario = try Scenario()
    refuse(&scenario, opened, as: .openedTwice)
    var state = State()
    state.apply(
      Record(
        seq: 1, at: .earliest, actor: "a", cause: nil, binding: nil, book: .real, more: false,
        event: try event(.paymentStarted, "tx_1", ViolationTests.started)))
    #expect(state.violations.first.map(\.reason) == [.notFirst])
    #expect(state[.real].payments.count == 0)
  }

  @Test func `settings that cannot be read are not put in force`() throws {
    var scenario = try Scenario()
    let bad = try event(.configApplied, "ledger", #"{"settings":{"X402_PRICE_USD":"free"}}"#)
    refuse(&scenario, bad, as: .badSettings)
    #expect(scenario.state.controls.gateway?.price == (try .usdc("0.01")))
  }

  @Test func `the kill switch turns one way, then the other`() throws {
    let on = try event(.killSwitchEngaged, "killswitch", #"{"reason":"r","by":"o"}"#)
    let off = try event(.killSwitchReleased, "killswitch", #"{"reason":"r","by":"o"}"#)
    var scenario = try Scenario()
    refuse(&scenario, off, as: .switchedTwice)
    scenario.append(on)
    refuse(&scenario, on, as: .switchedTwice)
    #expect(scenario.state.controls.arePaymentsDisabled)
    scenario.append(off)
    refuse(&scenario, off, as: .switchedTwice)
    #expect(!scenario.state.controls.arePaymentsDisabled)
  }

  @Test func `a limit is an amount of USDC`() throws {
    let bad = try event(
      .budgetLimitSet, "builder_agent",
      #"{"kind":"daily","amount":"1.000000","asset":"EURC","approved_by":"o","reason":"r"}"#)
    var scenario = try Scenario()
    refuse(&scenario, bad, as: .badLimit)
    #expect(
      scenario.state.budgetLimit(of: "builder_agent", .daily, book: .real).origin == .builtIn)
  }

  @Test(arguments: [
    (#""folded_to_seq":2"#, #""folded_to_seq":3"#),
    (#""window_to":"2026-11-16T00"#, #""window_to":"2026-11-15T00"#),
  ])
  func `a run read what there was, in a window that ends after it begins`(
    good: String, bad: String
  ) throws {
    let data =
      #"{"job":"sync","window_from":"2026-11-15T00:00:00.000Z","window_to":"2026-11-16T00:00:00.000Z","status":"PASS","counts":{},"findings":[],"folded_to_seq":2,"duration_ms":0}"#
    let parts = data.split(separator: good, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    var scenario = try Scenario()
    try #require(scenario.state.seq == 2)
    refuse(
      &scenario, try event(.jobCompleted, "run_1", String(parts[0] + bad + parts[1])), as: .badRun)
    scenario.append(try event(.jobCompleted, "run_1", data))
    #expect(scenario.state[.real].jobs["sync"]?.lastRun?.status == .pass)
    #expect(scenario.state.violations.count == 1)
  }

  @Test func `a payment of our own needs an approval of its own`() throws {
    let request = #"\#(ViolationTests.parties),"amount":"1.000000","asset":"USDC""#
    let use =
      #""day_spent":"0.000000","month_spent":"0.000000","held":"0.000000","daily_limit":"1.000000","monthly_limit":"1.000000","per_transaction_limit":"1.000000""#
    let submitted = try event(.intentSubmitted, "i1", #"{\#(request)}"#)
    let approved = try event(
      .intentApproved, "i1",
      #"{\#(request),"rule":"r","evaluator":"e","reason":"x","expires_at":"2026-11-16T12:00:00.001Z",\#(use)}"#
    )
    let denied = try event(
      .intentDenied, "i1",
      #"{\#(request),"rule":"r","code":"C","evaluator":"e","reason":"x",\#(use)}"#)
    func start(_ id: Text, amount: String = "1.000000", source: String = "direct") throws -> Event {
      let call = #""intent_id":"i1","provider":"p","provider_key":"k""#
      return try event(
        .paymentStarted, id,
        #"{\#(ViolationTests.parties),"amount":"\#(amount)","asset":"USDC","source":"\#(source)",\#(call)}"#
      )
    }
    var scenario = try Scenario()
    refuse(&scenario, approved, as: .intentUnknown)
    refuse(&scenario, denied, as: .intentUnknown)
    refuse(&scenario, try start("tx_1"), as: .intentUnknown)
    scenario.append(submitted)
    refuse(&scenario, submitted, as: .alreadyStarted)
    refuse(&scenario, try start("tx_1"), as: .intentClosed)
    scenario.append(approved)
    refuse(&scenario, approved, as: .intentClosed)
    refuse(&scenario, denied, as: .intentClosed)
    refuse(&scenario, try start("tx_1", amount: "1.000001"), as: .intentMismatch)
    refuse(&scenario, try start("tx_1", source: "provider"), as: .wrongSource)
    var late = scenario
    late.now = scenario.now.advanced(byMilliseconds: 1)
    refuse(&late, try start("tx_1"), as: .intentClosed)
    scenario.append(try start("tx_1"))
    refuse(&scenario, try start("tx_2"), as: .intentClosed)
    #expect(scenario.state[.real].payments.calls.count == 1)
  }

  @Test func `a payment of our own ends by its provider, once unknown by evidence only`() throws {
    var scenario = try Scenario()
    let parties = #""agent_id":"builder_agent","vendor":"shop","network":"base""#
    try scenario.submit(SpendFixture().pay(1))
    let id = try #require(scenario.state[.real].payments[0]?.id.text)
    func end(_ source: String, _ more: String = "") throws -> Event {
      try event(
        .paymentCompleted, id,
        #"{\#(parties),"settled":"1.000000","asset":"USDC","source":"\#(source)"\#(more)}"#)
    }
    let retried = try event(
      .paymentRetried, id, #"{"attempt":1,"error_class":"5xx","delay_ms":1}"#)
    func unknown(_ key: Text) throws -> Event {
      try event(
        .paymentUnknown, id,
        #"{\#(parties),"amount":"1.000000","asset":"USDC","provider":"fake","provider_key":"\#(key)","error_class":"timeout","attempts":1}"#
      )
    }
    let resolved = try event(
      .paymentResolved, id, #"{"outcome":"completed","by":"o","evidence":"e"}"#)
    refuse(&scenario, try end("external"), as: .wrongSource)
    refuse(&scenario, try end("direct"), as: .wrongSource)
    refuse(&scenario, try end("operator"), as: .evidenceMissing)
    refuse(&scenario, try unknown("other"), as: .wrongSource)
    refuse(&scenario, resolved, as: .alreadyClosed)
    scenario.append(retried)
    scenario.append(try unknown(id))
    refuse(&scenario, try unknown(id), as: .alreadyClosed)
    refuse(&scenario, retried, as: .alreadyClosed)
    refuse(&scenario, try end("provider"), as: .evidenceMissing)
    refuse(&scenario, try end("reconcile"), as: .evidenceMissing)
    scenario.append(resolved)
    scenario.append(try end("operator", #","evidence":"e""#))
    refuse(&scenario, resolved, as: .alreadyClosed)
    #expect(scenario.state[.real].payments.openCount == 0)
    // And an imported one by imports only.
    scenario.append(try event(.paymentStarted, "tx_1", ViolationTests.started))
    let told =
      #"{\#(ViolationTests.parties),"settled":"1.000000","asset":"USDC","source":"provider"}"#
    refuse(&scenario, try event(.paymentCompleted, "tx_1", told), as: .wrongSource)
    refuse(
      &scenario,
      try event(.paymentRetried, "tx_1", #"{"attempt":1,"error_class":"5xx","delay_ms":1}"#),
      as: .wrongSource)
  }

  @Test func `a wallet keeps its address, and follows the owner's last one`() throws {
    let first = "0x" + String(repeating: "1", count: 40)
    let second = "0x" + String(repeating: "2", count: 40)
    func registered(
      _ id: Text, _ address: String, replaces: String? = nil, network: String = "base"
    ) throws -> Event {
      let replaced = replaces.map { #","replaces":"\#($0)""# } ?? ""
      return try event(
        .walletRegistered, id,
        #"{"owner":"default","address":"\#(address)","network":"\#(network)"\#(replaced),"reason":"r"}"#
      )
    }
    func observed(_ id: Text, _ address: String, asset: String = "USDC") throws -> Event {
      try event(
        .walletBalanceObserved, id,
        #"{"address":"\#(address)","balance":"1.000000","asset":"\#(asset)","source":"rpc"}"#)
    }
    var scenario = try Scenario()
    refuse(&scenario, try observed("w1", first), as: .walletUnknown)
    refuse(&scenario, try registered("w1", first, replaces: "w0"), as: .walletMismatch)
    scenario.append(try registered("w1", first))
    refuse(&scenario, try registered("w1", first), as: .walletMismatch)
    refuse(&scenario, try registered("w1", first, replaces: "w1"), as: .walletMismatch)
    refuse(&scenario, try registered("w1", second, replaces: "w1"), as: .walletMismatch)
    refuse(&scenario, try registered("w2", first, replaces: "w1"), as: .walletMismatch)
    refuse(&scenario, try registered("w2", second), as: .walletMismatch)
    refuse(
      &scenario, try registered("w1", first, replaces: "w1", network: "base-sepolia"),
      as: .walletMismatch)
    refuse(&scenario, try observed("w1", second), as: .walletMismatch)
    refuse(&scenario, try observed("w1", first, asset: "EURC"), as: .walletMismatch)
    scenario.append(try registered("w2", second, replaces: "w1"))
    scenario.append(try registered("w1", first, replaces: "w2"))
    #expect(scenario.state[.real].wallets.tenures.map(\.wallet.text) == ["w1", "w2", "w1"])
  }

  @Test func `a segment is sealed once`() throws {
    let zeros = String(repeating: "0", count: 64)
    let seal = try event(
      .segmentSealed, "ledger",
      #"{"segment":"000000000001-2026-11-16.jsonl","first_seq":1,"last_seq":1,"last_hash":""#
        + zeros + #"","bytes":1,"sha256":""# + zeros + #""}"#)
    var scenario = try Scenario()
    scenario.append(seal)
    #expect(scenario.violations.isEmpty)
    refuse(&scenario, seal, as: .sealedTwice)
    #expect(scenario.state.controls.seals.count == 1)
  }

  @Test func `every reason has a test above and a sentence of its own`() {
    let reached: Set<Violation.Reason> = [
      .alreadyStarted, .neverStarted, .alreadyClosed, .partiesChanged, .assetChanged,
      .keyUsedTwice, .proofUsedTwice, .receiptUsedTwice, .answerWithoutPayment, .underpaid,
      .timeWentBack, .notFirst, .openedTwice, .keyInsideUnit, .badSettings,
      .sealedTwice, .switchedTwice, .badLimit, .wrongSource, .evidenceMissing, .intentUnknown,
      .intentClosed, .intentMismatch, .illegalStep, .badRun,
      .alreadyRaised, .notRaised,
      .walletUnknown, .walletMismatch,
      // In ReservationTests.
      .promiseUsedTwice, .reservationUnknown, .illegalGatewayStep,
    ]
    #expect(reached == Set(Violation.Reason.allCases))
    #expect(Set(reached.map { "\($0.sentence)" }).count == reached.count)
  }

  @Test func `all violations are counted and the first thousand kept`() throws {
    var scenario = try Scenario()
    let end = try event(.paymentCompleted, "tx_1", ViolationTests.completed)
    for _ in 0..<1_001 { scenario.append(end) }
    #expect(scenario.state.violations.count == 1_001)
    #expect(scenario.state.violations.first.count == 1_000)
  }
}
