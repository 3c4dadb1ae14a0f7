import JSON
import Ledger
import Seeded

/// Plays random commands, plausible and hostile ones, against a ledger in memory.
///
/// One seed, one history. Names, keys, proofs and ids come from small pools, so that they meet
/// again in other roles; both books are in use; commands are sent again as a client does that
/// lost its answer, with the same key and with another.
struct CommandGenerator {
  private(set) var state = State()
  private(set) var log: [Record] = []
  /// The state after each record.
  private(set) var states: [State] = []
  /// How many commands came to each kind of end.
  private(set) var ends: [String: Int] = [:]

  var random: SplitMix64
  private(set) var now = Timestamp(milliseconds: 1_794_830_400_000)
  private var sent: [(inout CommandGenerator) -> Void] = []

  /// A history of so many commands after the ledger's opening.
  static func play(steps: Int, seed: UInt64) -> CommandGenerator {
    var generator = CommandGenerator(random: SplitMix64(seed: seed))
    generator.submit(
      OpenLedger(ledgerID: "L", software: "tollbook"), book: .real, actor: "tollbook", key: nil)
    for _ in 0..<steps { generator.step() }
    return generator
  }

  private init(random: SplitMix64) { self.random = random }

  private mutating func step() {
    now = now.advanced(byMilliseconds: Int64([0, 1, 900, 60_000, 7_000_000][random.below(5)]))
    if !sent.isEmpty, random.below(6) == 0 {
      random.pick(sent)(&self)
      return
    }
    switch random.below(20) {
    case 0..<6: send(payment())
    case 6..<8: spend()
    case 8: hold()
    case 9..<14: sell()
    case 14: wallet()
    case 15: send(ApplySettings(settings: settings()))
    case 16: send(CountOffers(from: now, byCode: [random.pick(["A", "B"]): random.below(3)]))
    case 17: send(CountRateLimitTrips(scope: "gateway", from: now, count: 1, clients: 1))
    case 18: random.below(4) == 0 ? alert() : control()
    default: adjustClock()
    }
  }

  // MARK: commands

  private mutating func payment() -> ImportPayment {
    let number = UInt64(random.below(40))
    let own = TransactionID(ULID(high: 1, low: number))
    let foreign = TransactionID(Text("foreign-\(number)"))
    // Fields follow from the id, so that imports of the same payment mostly agree; now and then
    // one does not.
    let odd = random.below(12) == 0 ? UInt64(random.below(5)) : 0
    let vendors: [Text] = ["Vendor A", "vendor a", "Zeta", "École", "ÉCOLE"]
    let networks = [Network.base, Network("base-sepolia") ?? .base]
    return ImportPayment(
      transaction: number % 2 == 0 ? own : foreign ?? own,
      parties: PaymentParties(
        agent: ["builder_agent", "auditor", ""][odd == 1 ? 2 : Int(number % 2)],
        vendor: vendors[Int(number + odd) % vendors.count],
        network: networks[Int(number / 8) % 2]),
      amount: amount(number, odd),
      phase: random.pick([.pending, .completed, .completed, .failed]),
      occurredAt: Timestamp(milliseconds: 1_794_700_000_000 + Int64(number) * 9_999_999),
      chainHash: number % 3 == 0 ? ChainHash(Text("0x\(number)")) : nil,
      error: number % 5 == 0 ? "out of \"luck\"\n" : nil, vendorFault: number % 4 != 0,
      latencyMilliseconds: odd == 4 ? -1 : number % 3 == 1 ? Int64(number * 997) : nil,
      serviceURL: number % 7 == 0 ? "https://vendor.example/a?b=\"c\"" : nil,
      facilitatorReceipt: number % 6 == 0 ? "é" : nil)
  }

  private func amount(_ number: UInt64, _ odd: UInt64) -> Money {
    switch odd {
    case 2: Money(units: -1, asset: .usdc)
    case 3: Money(units: .max, asset: .eth)
    default: Money(units: Int128(number) * 333_333, asset: number % 9 == 0 ? .btc : .usdc)
    }
  }

  private mutating func settings() -> [Text: Text] {
    var settings: [Text: Text] = [:]
    settings["X402_PRICE_USD"] = random.pick([nil, "0.01", "0.02", "free", ""])
    settings["PAYMENT_VERIFIER_MODE"] = random.pick([
      nil, "stub", "STRICT", "lax", "facilitator", "Facilitator",
    ])
    settings["X402_WALLET_ADDRESS"] = random.pick([nil, "0xFeed"])
    settings["WALLET_POLICY_ID"] = random.pick([nil, "other"])
    settings["WALLET_POLICY_PER_REQUEST_CAP_USD"] = random.pick([nil, "0.05"])
    settings["WALLET_POLICY_SESSION_CAP_USD"] = random.pick([nil, "0.15", "-1"])
    settings["X402_BUILDER_AGENT_DAILY_LIMIT_USDC"] = random.pick([nil, "150.0"])
    settings["X402_DAILY_LIMIT_USDC"] = random.pick([nil, "2"])
    settings["X402_MONTHLY_LIMIT_USDC"] = random.pick([nil, "3"])
    settings["X402_HARD_LIMIT_USDC"] = random.pick([nil, "20"])
    settings["TOLLBOOK_APPROVAL_ABOVE_USDC"] = random.pick([nil, "5", ""])
    settings["X402_VENDOR_CACHE_TTL"] = random.pick([nil, "60", "0"])
    settings["X402_PAYMENTS_DISABLED"] = random.below(8) == 0 ? "true" : nil
    return settings
  }

  private mutating func alert() {
    let id = AlertID(ULID(high: 8, low: UInt64(random.below(200))))
    if random.below(3) > 0 {
      let other = AlertID(ULID(high: 8, low: UInt64(200 + random.below(200))))
      send(EvaluateAlerts(ids: [id, other]))
    } else {
      send(AcknowledgeAlert(alert: id, by: random.pick(["", "ops"]), note: nil))
    }
  }

  private mutating func control() {
    switch random.below(21) {
    case 17: send(routes())
    case 14, 15, 18, 19, 20: send(vendor())
    case 16: send(business())
    case 10, 11: send(jobCompletion())
    case 12:
      send(
        RecordJobFailure(
          run: run(), job: random.pick(["sync", "Sync", "stale"]), error: random.pick(["", "e"]),
          durationMilliseconds: 1))
    case 13: send(financeEntry())
    case 8, 9: send(budgetLimit())
    case 4: send(EngageKillSwitch(reason: random.pick(["", "drill"]), by: "operator"))
    case 5, 6, 7: send(ReleaseKillSwitch(reason: random.pick(["", "over"]), by: "operator"))
    case 0: send(OpenSegment(predecessor: Text("segment-\(random.below(3))")))
    case 1:
      send(
        SealSegment(
          segment: Text("segment-\(random.below(3))"), firstSeq: 1, lastSeq: state.seq,
          lastHash: fingerprint(1), bytes: 10, sha256: fingerprint(UInt64(random.below(2)))))
    case 2:
      send(NoteTailRepair(file: "f", bytesDropped: 3, quarantineFile: "q", lastGoodSeq: state.seq))
    default: send(OpenLedger(ledgerID: "another", software: "tollbook"))
    }
  }

  private mutating func budgetLimit() -> SetBudgetLimit {
    SetBudgetLimit(
      intent: intent(), agent: random.pick(["builder_agent", "auditor"]),
      kind: random.pick(BudgetKind.allCases),
      amount: Money(units: Int128(random.below(4)) * 500_000_000, asset: .usdc),
      ticket: random.pick([nil, "T-1"]), approvedBy: "operator", reason: "season")
  }

  private mutating func wallet() {
    let fresh = WalletID(ULID(high: 5, low: UInt64(random.below(4))))
    let digit = random.pick(["1", "2", "A", "a", "g"])
    let choice = WalletChoice(
      fresh: fresh,
      owner: random.pick([.everybody, .everybody, .agent("auditor"), .agent("Default")]),
      address: Text("0x" + String(repeating: digit, count: 40)),
      network: random.pick([.base, .base, Network("base-sepolia") ?? .base]),
      reason: random.pick(["", "quarterly", "quarterly"]))
    switch random.below(4) {
    case 0: send(RegisterWallet(choice))
    case 1: send(RotateWallet(choice))
    default:
      send(
        ObserveBalance(
          wallet: fresh, balance: Money(units: Int128(random.below(100)) - 1, asset: .usdc),
          block: random.pick([nil, Int64(random.below(40))]), confirmations: nil, source: "fake"))
    }
  }

  private mutating func vendor() -> ObserveVendor {
    ObserveVendor(
      vendor: random.pick(["shop", "Shop", "other", ".."]),
      offer: VendorOffer(
        pricing: random.pick([
          [:], ["media": Money(units: 1_000_000, asset: .usdc)],
          ["default": Money(units: 0, asset: .usdc), "é": Money(units: 7, asset: .usdc)],
        ]), tokens: random.pick([[], ["usdc"], ["DAI"], ["DAI"], ["DAI"]]),
        chains: random.pick([[], [], ["base"], ["solana", "Base-Sepolia"]]),
        capabilities: random.pick([[], ["\"a\"\n"]])),
      source: random.pick(VendorSource.allCases), reason: random.pick([nil, "season"]))
  }

  private mutating func business() -> RecordBusiness {
    RecordBusiness(
      business: random.pick(["biz_1", "biz_2", "a b"]), businessName: random.pick(["", "Shop"]),
      success: random.below(2) == 0,
      projectedRevenue: random.pick([nil, .zero(.usdc), Money(units: 3_000_000, asset: .usdc)]),
      dashboardURL: random.pick([nil, "https://d.example/"]))
  }

  private mutating func run() -> RunID { RunID(ULID(high: 3, low: UInt64(random.below(50)))) }

  private mutating func jobCompletion() -> RecordJobCompletion {
    let schedule = random.pick(JobSchedule.allCases)
    let back = Int64(random.below(4)) * schedule.length
    // Now and then a window that is not over, is empty, or a log that is shorter than it was read.
    let window = schedule.window(endingBy: now.advanced(byMilliseconds: schedule.length - back))
    let kinds: [Text] = ["amount_differs", "unreadable_line"]
    return RecordJobCompletion(
      run: run(), job: random.pick(["sync", "stale"]),
      window: random.below(9) == 0
        ? JobWindow(start: window.end, end: window.start) : window,
      status: random.pick(JobStatus.allCases), counts: ["findings": random.below(3)],
      findings: (0..<random.below(3)).map { _ in
        JobFinding(
          kind: random.pick(kinds), severity: random.pick(JobFinding.Severity.allCases),
          subject: "tx_1", expected: random.pick([nil, "1"]), got: random.pick([nil, "\"2\"\n"]))
      },
      report: random.pick([nil, JobCompleted.Report(path: "r.json", sha256: fingerprint(9))]),
      foldedTo: state.seq + UInt64(random.below(2)), durationMilliseconds: 5)
  }

  private mutating func financeEntry() -> RecordFinanceEntry {
    RecordFinanceEntry(
      entry: FinanceEntryID(ULID(high: 4, low: UInt64(random.below(50)))),
      type: random.pick(["payment", "payroll", ""]),
      transaction: TransactionID(Text("tx-\(random.below(9))")),
      amount: random.pick([
        Money(units: 1_250_000, asset: .usdc), Money(units: 1, asset: .eth),
        Money(units: -1, asset: .usdc),
      ]), vendor: random.pick([nil, "v"]), memo: random.pick([nil, "é"]))
  }

  // MARK: money out

  private mutating func spend() {
    let id = TransactionID(ULID(high: 3, low: UInt64(random.below(24))))
    switch random.below(12) {
    case 10, 11: send(vendor())
    case 0..<4: send(pay(id))
    case 4: send(NoteRetry(transaction: id, errorClass: "5xx", delayMilliseconds: 500))
    case 5, 6:
      send(
        SettlePayment(
          transaction: id, outcome: outcome(),
          occasion: random.pick([.payment, .reconcile(evidence: "provider says")])))
    case 7:
      send(
        ResolvePayment(
          transaction: id, isCompleted: random.below(2) == 0, chainHash: nil, by: "operator",
          evidence: random.pick(["", "statement"])))
    case 8:
      send(
        SubmitIntent(
          intent: intent(), request: request(), purpose: random.pick([nil, "a \"b\""])))
    default:
      send(
        DecideIntent(
          intent: intent(), verdict: random.pick([.approve, .deny]),
          reason: random.pick(["", "season"]), by: "operator", ticket: nil))
    }
  }

  private mutating func hold() {
    let id = AuthorizationID(ULID(high: 5, low: UInt64(random.below(12))))
    switch random.below(8) {
    case 0, 1:
      var command = AuthorizePayment(
        authorization: id,
        transaction: TransactionID(ULID(high: 6, low: UInt64(random.below(60)))),
        newIntent: intent(), request: request(), intent: nil, purpose: nil, provider: "fake",
        wallet: nil,
        expiresAt: random.pick([nil, now.advanced(byMilliseconds: 3_600_000)]))
      command.refusal = random.pick([nil, nil, nil, .clockSuspect])
      send(command)
    case 2:
      send(
        CaptureAuthorization(
          authorization: id,
          amount: random.pick([
            nil, Money(units: 1, asset: .usdc), Money(units: 2_000_000, asset: .usdc),
          ])))
    case 3:
      send(
        CancelAuthorization(
          authorization: id, reason: random.pick([nil, "expired"]),
          isExpiry: random.below(2) == 0))
    default:
      let key = state[.real].authorizations[id]?.stepKey ?? state[.fake].authorizations[id]?.stepKey
      send(
        SettleAuthorization(
          authorization: id, stepKey: key ?? "none", outcome: stepOutcome(),
          source: random.pick([.provider, .provider, .reconcile, .operator]),
          evidence: "said so", by: random.pick([nil, "ops"])))
    }
  }

  private mutating func stepOutcome() -> AuthorizationOutcome {
    random.pick([
      .done(reference: "fake_1", chainHash: nil), .done(reference: nil, chainHash: nil),
      .failed(code: "NO", error: "no", vendorFault: true), .unknown(errorClass: "timeout"),
    ])
  }

  private mutating func intent() -> IntentID {
    IntentID(ULID(high: 4, low: UInt64(random.below(24))))
  }

  private mutating func request() -> SpendRequest {
    SpendRequest(
      parties: PaymentParties(
        agent: random.pick(["builder_agent", "auditor"]), vendor: random.pick(["shop", "Shop"]),
        network: random.pick([.base, Network("base-sepolia") ?? .base])),
      amount: Money(
        units: random.pick([0, 1, 1_000_000, 9_000_000, 10_000_000, 10_000_001]), asset: .usdc),
      component: random.pick([nil, "media"]), strategy: nil,
      business: random.pick([nil, "biz_1", "biz_2"]))
  }

  private mutating func pay(_ id: TransactionID) -> Pay {
    var pay = Pay(
      transaction: id, newIntent: intent(), request: request(),
      intent: random.pick([nil, intent()]), serviceURL: nil, purpose: nil, provider: "fake",
      wallet: nil)
    pay.refusal = random.pick([nil, nil, nil, nil, nil, .clockSuspect, .diskLow, .noProvider])
    return pay
  }

  private mutating func outcome() -> CallOutcome {
    random.pick([
      .completed(chainHash: nil, receipt: "fake_1"),
      .failed(code: "VENDOR_REFUSED", error: "no", vendorFault: true),
      .unknown(errorClass: "timeout"),
    ])
  }

  private mutating func adjustClock() {
    let wall = now.advanced(byMilliseconds: Int64(random.below(7_200_000)) - 3_600_000)
    let reason = random.pick(["", "ntp"] as [Text])
    if !reason.isEmpty { now = wall }
    // Not to be sent again: the shell dates this command by the wall clock that it accepts.
    submit(
      AcceptClock(wall: wall, reason: reason, by: "operator"), book: .real, actor: "operator",
      key: nil)
  }

  // MARK: sending

  mutating func send<Wish: Command>(_ command: Wish) {
    let book = random.pick(Book.allCases)
    let actor = random.pick(["agent:builder_agent", "agent:auditor", "anonymous"] as [Text])
    let key: Text? =
      random.below(2) == 0
      ? nil : random.pick([Text("key-\(random.below(30))"), "", "has blank", "key-\u{7F}"])
    submit(command, book: book, actor: actor, key: key)
    sent.append { $0.submit(command, book: book, actor: actor, key: key) }
    if random.below(4) == 0 { submit(command, book: book, actor: actor, key: key) }
  }

  private mutating func submit<Wish: Command>(
    _ command: Wish, book: Book, actor: Text, key: Text?
  ) {
    let binding = key.map {
      KeyBinding(key: $0, op: Text("\(Wish.name)"), print: CommandGenerator.print(command))
    }
    let submission = Submission(
      command, actor: actor, book: book, cause: "req-1", binding: binding)
    do throws(Rejection) {
      let decision = try submission.decide(given: state, at: now)
      let (events, isKeyed) = decision.events
      let unit = submission.records(of: events, from: state.seq + 1, at: now, keyed: isKeyed)
      for record in unit {
        state.apply(record)
        log.append(record)
        states.append(state)
      }
      switch decision {
      case .accepted: ends["accepted", default: 0] += 1
      case .refused(let rejection, _): ends["\(rejection.code)", default: 0] += 1
      case .repeated: ends["repeated", default: 0] += 1
      case .unchanged: ends["unchanged", default: 0] += 1
      }
    } catch {
      ends["\(error.code)", default: 0] += 1
    }
  }

  /// What the shell makes by SHA-256, here by FNV-1a.
  private static func print<Wish: Command>(_ command: Wish) -> Fingerprint {
    var out = JSONWriter()
    command.writePrint(to: &out)
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in out.bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return fingerprint(value)
  }
}
