import JSON
import Ledger
import Seeded
import Testing

/// What holds for every history; a failure prints its seed.
@Suite struct LawTests {
  private static let seeds = UInt64(0)..<60

  /// A record as it comes back from its line.
  private func reread(_ record: Record) throws -> Record {
    Record(
      seq: record.seq, at: record.at, actor: record.actor, cause: record.cause,
      binding: record.binding, book: record.book, more: record.more,
      event: try predicted(record.event.type, record.event.subject, dataBytes(record.event)))
  }

  @Test(arguments: seeds)
  func `replaying what was written rebuilds the live state after every prefix`(
    seed: UInt64
  ) throws {
    let history = CommandGenerator.play(steps: 200, seed: seed)
    var replayed = State()
    for (record, live) in zip(history.log, history.states) {
      replayed.apply(try reread(record))
      try #require(replayed == live, "after seq \(record.seq)")
      try #require(fed(replayed) == fed(live), "after seq \(record.seq)")
    }
    #expect(replayed == history.state)
  }

  @Test func `histories come to every end that they are meant to reach`() {
    var ends: [String: Int] = [:]
    for seed in LawTests.seeds {
      ends.merge(CommandGenerator.play(steps: 1_200, seed: seed).ends, uniquingKeysWith: +)
    }
    let expected = [
      "accepted", "repeated", "unchanged", "IDEMPOTENCY_CONFLICT", "IDEMPOTENCY_KEY_INVALID",
      "GATEWAY_NOT_CONFIGURED", "PAYMENT_UNDERPAID", "POLICY_CAP_EXCEEDED",
      "SESSION_CAP_EXCEEDED", "PAYMENT_PROOF_REUSED", "IMPORT_CONFLICT", "SETTING_UNREADABLE",
      "LEDGER_ALREADY_OPEN", "FIELD_INVALID", "PAYMENTS_DISABLED", "KILLSWITCH_HELD_BY_SETTING",
      "CLOCK_SUSPECT", "DISK_LOW", "PROVIDER_NOT_CONFIGURED", "HARD_LIMIT",
      "PER_TRANSACTION_LIMIT", "DAILY_BUDGET_EXCEEDED", "MONTHLY_BUDGET_EXCEEDED",
      "INTENT_REQUIRED", "INTENT_MISMATCH",
      "WALLET_NOT_FOUND", "WALLET_REPLACED", "OBSERVATION_STALE",
      "INTENT_NOT_FOUND", "PAYMENT_NOT_FOUND", "AUTHORIZATION_NOT_FOUND", "STEP_UNDER_WAY",
      "ALERT_NOT_FOUND", "VENDOR_PRICE_EXCEEDED", "VENDOR_TOKEN_UNSUPPORTED",
      "VENDOR_CHAIN_UNSUPPORTED",
      "INVALID_TRANSITION", "RECEIPT_NOT_FOUND",
    ]
    for end in expected { #expect(ends[end, default: 0] > 0, "\(end)") }
    #expect(Set(ends.keys) == Set(expected))
  }

  @Test(arguments: seeds)
  func `no command makes a record that the fold calls illegal`(seed: UInt64) {
    let history = CommandGenerator.play(steps: 200, seed: seed)
    #expect(history.state.violations.first == [])
    #expect(history.log.map(\.seq) == (1...UInt64(history.log.count)).map { $0 })
  }

  @Test(arguments: seeds)
  func `a key begins at most one unit of its book, op and actor`(seed: UInt64) {
    let history = CommandGenerator.play(steps: 200, seed: seed)
    var seen: Set<[Text]> = []
    for record in history.log {
      guard let binding = record.binding else { continue }
      let book: Text = record.book.map { Text("\($0.name)") } ?? "none"
      #expect(seen.insert([book, binding.op, record.actor, binding.key]).inserted)
    }
    let counted = Book.allCases.reduce(0) { $0 + history.state[$1].keyCount }
    #expect(counted == seen.count { $0.first != "none" })
  }

  @Test(arguments: seeds)
  func `any split of the log folds to the same, merged in any grouping`(seed: UInt64) throws {
    let history = CommandGenerator.play(steps: 200, seed: seed)
    var random = SplitMix64(seed: seed ^ 0x5EED)
    var fold = SplitFold()
    var parts: [PartialTallies] = []
    var rest = history.log[...]
    while !rest.isEmpty {
      // Also parts without a single record.
      let part = Array(rest.prefix(random.below(40)))
      rest = rest.dropFirst(part.count)
      let sums = part.reduce(into: PartialTallies()) { $0.apply($1) }
      fold.apply(part, sums: sums)
      parts.append(sums)
    }
    while parts.count > 1 {
      let index = random.below(parts.count - 1)
      parts[index].merge(parts.remove(at: index + 1))
    }
    let merged = try #require(parts.first)
    #expect(merged.real == history.state[.real].tallies)
    #expect(merged.fake == history.state[.fake].tallies)
    let folded = try #require(fold.finish())
    #expect(folded == history.state)
    #expect(fed(folded) == fed(history.state))
  }

  @Test(arguments: seeds)
  func `sums agree with what they are sums of`(seed: UInt64) {
    let state = CommandGenerator.play(steps: 200, seed: seed).state
    for book in Book.allCases {
      let payments = (0..<state[book].payments.count).compactMap { state[book].payments[$0] }
      #expect(payments.count == state[book].payments.count)
      let completed = payments.filter { $0.phase == .completed }
      let rows = state[book].tallies.payments.spendRows()
      for asset in Asset.allCases {
        let spent = rows.filter { $0.asset == asset }.reduce(Int128(0)) { $0 + $1.total.units }
        let paid = completed.filter { $0.amount.asset == asset }
          .reduce(Int128(0)) { total, payment in
            // A total that no longer fits stands at the end of the range.
            let (sum, overflow) = total.addingReportingOverflow(payment.amount.units)
            return overflow ? .max : sum
          }
        #expect(spent == paid)
      }
      #expect(rows.reduce(0) { $0 + $1.total.count } == completed.count)
      let pending = payments.filter { $0.phase.isOpen }
      #expect(state[book].payments.openCount == pending.count)
      let listed = state[book].payments.open(olderThan: -1, asOf: .latest)
      #expect(listed == pending)
      let outcomes = state[book].tallies.payments.allOutcomes
      #expect(outcomes.started == payments.count)
      #expect(outcomes.completed == completed.count)
      let cancelled = payments.count { $0.phase == .cancelled }
      #expect(outcomes.cancelled == cancelled)
      #expect(
        outcomes.failed == payments.count - completed.count - pending.count - cancelled)
    }
  }

  @Test(arguments: seeds)
  func `a session has taken in what its receipts say, and never more than its cap`(
    seed: UInt64
  ) throws {
    let history = CommandGenerator.play(steps: 200, seed: seed)
    var taken: [Book: [Text: Int128]] = [:]
    var held: [Book: [Text: Int128]] = [:]
    var reserved: [ReceiptID: GatewayReserved] = [:]
    var settings = State()
    for record in history.log {
      let policy = settings.controls.gateway
      switch (record.event, record.book) {
      case (.gatewayReserved(let event), let book?):
        reserved[event.receipt] = event
        held[book, default: [:]][event.policy, default: 0] += event.amount.units
        let route = settings.controls.routes.first { $0.name == event.route }
        try check(
          event.amount, of: event.policy, book, taken, held, try #require(policy),
          cap: route?.sessionCap)
      case (.gatewayRefused(let event), let book?):
        let event = try #require(reserved[event.receipt])
        held[book]?[event.policy]? -= event.amount.units
      case (.gatewayPaymentAccepted(let event), let book?):
        taken[book, default: [:]][event.policy, default: 0] += event.amount.units
        if event.mode == .facilitator {
          // What was let in when it was reserved is taken, whatever the caps are by now.
          held[book]?[event.policy]? -= event.amount.units
        } else {
          try check(event.amount, of: event.policy, book, taken, held, try #require(policy))
          #expect(event.amount.units >= policy?.price.units ?? .max)
        }
      default: break
      }
      settings.apply(record)
    }
    for (book, sums) in taken {
      for (policy, units) in sums {
        #expect(history.state[book].spent(policy: policy)?.units == units)
        #expect(
          history.state[book].committed(policy: policy)?.units
            == units + held[book, default: [:]][policy, default: 0])
      }
    }
  }

  /// An amount that was let in just now lies within the caps in force.
  private func check(
    _ amount: Money, of name: Text, _ book: Book, _ taken: [Book: [Text: Int128]],
    _ held: [Book: [Text: Int128]], _ policy: GatewayPolicy, cap: Money? = nil
  ) throws {
    let sum =
      taken[book, default: [:]][name, default: 0] + held[book, default: [:]][name, default: 0]
    if let cap = cap ?? policy.sessionCap { #expect(sum <= cap.units) }
    if let cap = policy.perRequestCap { #expect(amount.units <= cap.units) }
  }

  @Test(arguments: seeds)
  func `states feed the same bytes exactly when they are equal`(seed: UInt64) {
    let history = CommandGenerator.play(steps: 60, seed: seed)
    var random = SplitMix64(seed: seed ^ 0xFEED)
    let bytes = fed(history.state)
    for _ in 0..<60 {
      var log = history.log
      let index = random.below(log.count)
      log[index] = changed(log[index], another: log[random.below(log.count)], &random)
      let other = replay(log)
      #expect((other == history.state) == (fed(other) == bytes), "\(log[index])")
    }
  }

  /// The record with one thing about it changed.
  private func changed(
    _ record: Record, another: Record, _ random: inout SplitMix64
  ) -> Record {
    let choice = random.below(6)
    return Record(
      seq: record.seq, at: choice == 0 ? record.at.advanced(byMilliseconds: 1) : record.at,
      actor: choice == 1 ? another.actor : record.actor, cause: record.cause,
      binding: choice == 2 ? nil : record.binding,
      book: choice == 3 ? (record.book == .real ? .fake : .real) : record.book,
      more: choice == 4 ? !record.more : record.more,
      event: choice == 5 ? another.event : record.event)
  }

  @Test(arguments: seeds)
  func `a split fold of an illegal log asks to be folded in order`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var log = CommandGenerator.play(steps: 60, seed: seed).log
    log.swapAt(0, 1 + random.below(log.count - 1))
    #expect(replay(log).violations.count > 0)
    var fold = SplitFold()
    fold.apply(log, sums: log.reduce(into: PartialTallies()) { $0.apply($1) })
    #expect(fold.finish() == nil)
  }

  @Test(arguments: seeds)
  func `no order, loss or repetition of records makes the fold trap`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let log = CommandGenerator.play(steps: 60, seed: seed).log
    let hostile = (0..<log.count * 2).map { _ in random.pick(log) }
    let state = replay(hostile)
    for book in Book.allCases {
      let payments = (0..<state[book].payments.count).compactMap { state[book].payments[$0] }
      #expect(payments.count == state[book].payments.count)
      #expect(payments.count { $0.phase.isOpen } == state[book].payments.openCount)
      #expect(state[book].tallies.payments.allOutcomes.started == payments.count)
    }
  }
}

/// Pairs of states that differ in one small thing only, which their bytes must not hide.
@Suite struct CanonicalBytesTests {
  private func state(after changes: (inout Scenario) throws -> Void) throws -> State {
    var scenario = try Scenario()
    try changes(&scenario)
    return scenario.state
  }

  @Test func `one changed field of one event changes the bytes`() throws {
    let variants: [ImportFixture] = [
      .completed, .pending, .failed, .completed.with { $0.chainHash = nil },
      .completed.with { $0.chainHash = "" }, .completed.with { $0.latency = 0 },
      .completed.with { $0.latency = nil }, .completed.with { $0.asset = .eurc },
      .completed.with { $0.serviceURL = nil }, .completed.with { $0.serviceURL = "" },
      .completed.with { $0.receipt = nil }, .completed.with { $0.receipt = "" },
      .failed.with { $0.error = "" }, .failed.with { $0.vendorFault = false },
      .completed.with { $0.vendor = "vendor a" }, .completed.with { $0.transaction = "tx_12346" },
      .completed.with { $0.amount = "340282366920938463463.374607" },
    ]
    var seen: Set<[UInt8]> = []
    for variant in variants {
      let state = try state { try $0.submit(variant.command()) }
      #expect(seen.insert(fed(state)).inserted, "\(variant)")
      #expect(fed(state) == fed(state))
    }
  }

  @Test func `seals and repairs are told apart by every field`() throws {
    let hash = String(repeating: "0", count: 63)
    func seal(_ first: Int, _ last: Int, _ lastHash: Int, _ bytes: Int, _ sum: Int) -> String {
      #"{"segment":"s","first_seq":\#(first),"last_seq":\#(last),"last_hash":"\#(hash)\#(lastHash)","bytes":\#(bytes),"sha256":"\#(hash)\#(sum)"}"#
    }
    var seen: Set<[UInt8]> = []
    for data in [
      seal(1, 1, 1, 1, 1), seal(2, 1, 1, 1, 1), seal(1, 2, 1, 1, 1), seal(1, 1, 2, 1, 1),
      seal(1, 1, 1, 2, 1), seal(1, 1, 1, 1, 2),
    ] {
      let state = try state { $0.append(try event(.segmentSealed, "ledger", data)) }
      #expect(seen.insert(fed(state)).inserted)
    }
    for (file, bytes, place, seq) in [
      ("f", 1, "q", 1), ("g", 1, "q", 1), ("f", 2, "q", 1), ("f", 1, "r", 1), ("f", 1, "q", 2),
    ] {
      let data =
        #"{"file":"\#(file)","bytes_dropped":\#(bytes),"quarantine_file":"\#(place)","last_good_seq":\#(seq)}"#
      let state = try state { $0.append(try event(.ledgerTailRepaired, "ledger", data)) }
      #expect(seen.insert(fed(state)).inserted)
    }
  }

  @Test func `violations are told apart by what they are about`() throws {
    let end =
      #"{"agent_id":"a","vendor":"v","network":"base","settled":"1.000000","asset":"USDC","source":"external"}"#
    let left = try state { $0.append(try event(.paymentCompleted, "tx_1", end)) }
    let right = try state { $0.append(try event(.paymentCompleted, "tx_2", end)) }
    #expect(left.violations != right.violations)
    #expect(fed(left) != fed(right))
  }

  @Test func `neighbouring texts cannot run together`() throws {
    let left = try state { try $0.submit(ApplySettings(settings: ["A": "bc"])) }
    let right = try state { try $0.submit(ApplySettings(settings: ["Ab": "c"])) }
    #expect(left != right)
    #expect(fed(left) != fed(right))
  }

  @Test func `blocks of the sink come full and in order`() throws {
    var scenario = try Scenario()
    for index in 0..<1_000 {
      try scenario.submit(
        ImportFixture.completed.with { $0.transaction = Text("tx_\(index)") }.command())
    }
    let state = scenario.state
    var sizes: [Int] = []
    var bytes: [UInt8] = []
    state.feed(
      into: StateSink {
        sizes.append($0.count)
        bytes.append(contentsOf: $0)
      })
    #expect(sizes.count > 1)
    #expect(sizes.dropLast().allSatisfy { $0 == StateSink.blockSize })
    #expect(bytes == fed(state))
  }
}
