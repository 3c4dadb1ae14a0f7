public import JSON

/// When the policy decides by itself and when an operator must, as the settings in force say.
public struct SpendPolicy: Equatable, Sendable {
  /// Above this amount an operator must approve.
  public static let approvalAboveName: Text = "TOLLBOOK_APPROVAL_ABOVE_USDC"
  /// Minutes after which an approval that was not used has lapsed.
  public static let approvalMinutesName: Text = "TOLLBOOK_APPROVAL_MINUTES"

  /// Nil: the policy decides everything within the budgets.
  public let approvalAbove: Money?
  /// 1 to 10,080; 60 unless set.
  public let approvalMinutes: Int64
  /// Parts of a day's budget that are told of, in percent, rising.
  public let thresholds: [Int]
  /// A hold that is open for longer is stale; 15 unless set.
  public let staleMinutes: Int64

  /// The setting that replaces the lowest threshold and drops those below it.
  public static let thresholdName: Text = "X402_ALERT_THRESHOLD_PCT"
  /// The setting of `staleMinutes`.
  public static let staleName: Text = "X402_STALE_AUTHORIZATION_MINUTES"
  private static let builtInThresholds = [80, 90, 95]

  init() {
    approvalAbove = nil
    approvalMinutes = 60
    thresholds = SpendPolicy.builtInThresholds
    staleMinutes = 15
  }

  /// - Throws: `Rejection.settingUnreadable` with the first value that cannot be read.
  init(reading settings: [Text: Text]) throws(Rejection) {
    if let text = settings[SpendPolicy.approvalAboveName] {
      do throws(MoneyError) {
        approvalAbove = try Money(decimal: text, asset: .usdc, rounding: .refuse)
      } catch {
        throw .settingUnreadable(name: SpendPolicy.approvalAboveName, value: text)
      }
    } else {
      approvalAbove = nil
    }
    approvalMinutes =
      try SpendPolicy.count(SpendPolicy.approvalMinutesName, 1...10_080, settings) ?? 60
    staleMinutes = try SpendPolicy.count(SpendPolicy.staleName, 1...10_080, settings) ?? 15
    if let lowest = try SpendPolicy.count(SpendPolicy.thresholdName, 1...100, settings) {
      thresholds = [Int(lowest)] + SpendPolicy.builtInThresholds.dropFirst().filter { $0 > lowest }
    } else {
      thresholds = SpendPolicy.builtInThresholds
    }
  }

  /// A whole number without sign or leading zero; nil when it is not set.
  private static func count(
    _ name: Text, _ range: ClosedRange<Int64>, _ settings: [Text: Text]
  ) throws(Rejection) -> Int64? {
    guard let text = settings[name] else { return nil }
    guard text.utf8Count <= 5, text.string.utf8.allSatisfy({ $0.decimalDigit != nil }),
      text.string.utf8.first != 0x30, let value = Int64(text.string), range.contains(value)
    else { throw .settingUnreadable(name: name, value: text) }
    return value
  }

  /// The moment at which an approval given now lapses.
  func expiry(from now: Timestamp) -> Timestamp {
    now.advanced(byMilliseconds: approvalMinutes * 60_000)
  }
}

/// Why no approval can be used.
public enum IntentObstacle: UInt8, CaseIterable, Sendable {
  /// There is no such intent.
  case unknown
  /// An operator must decide first.
  case waiting
  case denied
  /// It has been paid.
  case used
  case lapsed
}

/// The one gate for money out: asks the policy and says what is to be recorded of it.
struct SpendGate {
  /// Who the policy's decisions are recorded under: the seeds' evaluator.
  static let evaluator: Text = "GenesisMetaAgent"

  let request: SpendRequest
  /// The approval that the asker names; nil leaves it to the policy.
  let named: IntentID?
  /// The id that a new intent gets.
  let fresh: IntentID
  let purpose: Text?

  /// What the gate says.
  enum Answer {
    /// The money may leave: under this intent, after these events.
    case open(IntentID, [Event])
    /// It may not; these events stand for what was decided.
    case closed(Rejection, [Event], IntentID?)
  }

  /// Decides: an approval that is there and fits, or the policy; then the budgets, always.
  func answer(given state: State, book: Book, at now: Timestamp) -> Answer {
    let use = state.budgetUse(
      of: request.parties.agent, on: request.parties.network, book: book, at: now)
    let excess = state.excess(
      of: request.amount, use, agent: request.parties.agent, book: book)
    let objection = state[book].vendors.objection(
      to: request, state.controls.vendorCache, at: now)
    if let named { return answer(named, excess, objection, state[book].intents, now) }
    if let intent = state[book].intents.match(request.parties, request.amount, at: now) {
      return answer(intent.id, excess, objection, state[book].intents, now)
    }
    let submitted = Event.intentSubmitted(
      IntentSubmitted(intent: fresh, request: request, purpose: purpose))
    let verdict = SpendGate.verdict(
      fresh, request, excess, objection, use, state.controls.spending, at: now)
    switch verdict {
    case .approved(let approved): return .open(fresh, [submitted, .intentApproved(approved)])
    case .denied(let denied, let rejection):
      return .closed(rejection, [submitted, .intentDenied(denied)], fresh)
    case .waits:
      return .closed(.intentRequired(fresh, .waiting), [submitted], fresh)
    }
  }

  private func answer(
    _ id: IntentID, _ excess: BudgetExcess?, _ objection: VendorObjection?,
    _ intents: Intents, _ now: Timestamp
  ) -> Answer {
    guard let intent = intents[id] else {
      return .closed(.intentRequired(id, .unknown), [], nil)
    }
    if let mismatch = mismatch(intent) { return .closed(mismatch, [], id) }
    let obstacle: IntentObstacle? =
      switch intent.phase {
      case .submitted: .waiting
      case .denied: .denied
      case .used: .used
      case .approved: intent.isUsable(at: now) ? nil : .lapsed
      }
    if let obstacle { return .closed(.intentRequired(id, obstacle), [], id) }
    if let excess { return .closed(.budgetExceeded(excess), [], id) }
    if let objection {
      return .closed(.vendorObjects(request.parties.vendor, objection), [], id)
    }
    return .open(id, [])
  }

  private func mismatch(_ intent: Intent) -> Rejection? {
    func differs(_ field: Text, _ approved: Text, _ asked: Text) -> Rejection? {
      approved == asked
        ? nil : .intentMismatch(intent.id, field: field, approved: approved, asked: asked)
    }
    let approved = intent.request.parties
    let asked = request.parties
    if let wrong = differs("agent_id", approved.agent, asked.agent) { return wrong }
    if let wrong = differs("vendor", approved.vendor, asked.vendor) { return wrong }
    if let wrong = differs("network", approved.network.name, asked.network.name) { return wrong }
    guard request.amount.units > intent.request.amount.units else { return nil }
    return .intentMismatch(
      intent.id, field: "amount", approved: intent.request.amount.decimal,
      asked: request.amount.decimal)
  }

  /// What the policy makes of an intent.
  enum Verdict {
    case approved(IntentApproved)
    case denied(IntentDenied, Rejection)
    /// An operator must decide.
    case waits
  }

  /// The policy: a pure function of what was asked, the numbers and the settings.
  static func verdict(
    _ id: IntentID, _ request: SpendRequest, _ excess: BudgetExcess?,
    _ objection: VendorObjection?, _ use: BudgetUse, _ policy: SpendPolicy, at now: Timestamp
  ) -> Verdict {
    if let excess {
      let denied = IntentDenied(
        intent: id, request: request, rule: Text("\(excess.which.rule)"),
        code: Text("\(excess.which.code)"), evaluator: evaluator,
        reason: "the limit would be passed", use: use)
      return .denied(denied, .budgetExceeded(excess))
    }
    if let objection {
      let denied = IntentDenied(
        intent: id, request: request, rule: Text("\(objection.rule)"),
        code: Text("\(objection.code)"), evaluator: evaluator, reason: objection.reason, use: use)
      return .denied(denied, .vendorObjects(request.parties.vendor, objection))
    }
    if let above = policy.approvalAbove, request.amount.units > above.units { return .waits }
    return .approved(
      IntentApproved(
        intent: id, request: request, rule: "auto_within_budget", evaluator: evaluator,
        reason: "within the limits", ticket: nil, expiresAt: policy.expiry(from: now), use: use))
  }
}

extension SpendRequest {
  /// Checks what comes from outside, field by field.
  /// - Throws: `Rejection.fieldInvalid`, naming field and rule.
  func check() throws(Rejection) {
    try SpendRequest.checkName("agent_id", parties.agent)
    try SpendRequest.checkName("vendor", parties.vendor)
    guard amount.asset == .usdc else {
      throw .fieldInvalid(field: "asset", reason: "must be USDC: budgets are counted in it")
    }
    guard (1...1_000_000_000_000_000_000).contains(amount.units) else {
      throw .fieldInvalid(
        field: "amount", reason: "must be more than 0 and at most 1000000000000 USDC")
    }
    let labels = [("component", component), ("strategy", strategy), ("business_id", business)]
    for (field, text) in labels {
      guard let text else { continue }
      try SpendRequest.checkName(Text(field), text)
    }
  }

  /// Names of agents and vendors are safe in a shell, a path, a URL and a metric's label.
  static func checkName(_ field: Text, _ text: Text) throws(Rejection) {
    guard (1...128).contains(text.utf8Count), text.string.utf8.allSatisfy(\.isIdentifierByte)
    else {
      throw .fieldInvalid(
        field: field, reason: "must have 1 to 128 bytes of [A-Za-z0-9._:-] and _")
    }
  }

  func writePrint(to out: inout JSONWriter) { write(to: &out) }
}
