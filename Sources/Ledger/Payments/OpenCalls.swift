public import JSON

/// A payment of our own that has begun and not ended: what it holds, and how to ask about it.
public struct OpenCall: Equatable, Sendable {
  public let agent: Text
  /// Whether it is play money.
  public let isTest: Bool
  /// What counts against the budgets until it ends, in USDC.
  public let held: Money
  public let provider: Text
  public let providerKey: Text
  /// The hold behind it; nil for a payment that is made at once.
  public let authorization: AuthorizationID?
  /// The part of the agent that asks; what it pays is noted as the vendor's price for it.
  public let component: Text?
  /// How often asking it again was recorded.
  public internal(set) var retries = 0
  /// Since when, and why, the outcome is not known; nil while the provider is being asked.
  public internal(set) var doubt: Doubt?

  /// Why nobody knows.
  public struct Doubt: Equatable, Sendable {
    public let since: Timestamp
    public let errorClass: Text
    /// The record that says so.
    public let seq: UInt64
  }
}

/// All payments of our own that have no outcome; order-dependent. Its size does not grow with
/// the history.
public struct OpenCalls: Equatable, Sendable {
  /// Holds are kept for an agent, play money apart.
  private struct Account: Hashable {
    let agent: Text
    let isTest: Bool
  }

  /// By the payment's place in the order of starts.
  private var calls: [UInt32: OpenCall] = [:]
  private var holds: [Account: Int128] = [:]
  /// How many of them are unknown.
  public private(set) var unknownCount = 0
  /// Payments that were ever asked about again, and how often in all, by error class.
  public private(set) var retriedPayments = 0
  public private(set) var retriesByClass: [Text: Int] = [:]

  public var count: Int { calls.count }

  /// Places of all of them, in the order of their start.
  var places: [UInt32] { calls.keys.sorted() }

  subscript(place: UInt32) -> OpenCall? { calls[place] }

  /// What an agent holds, in micro-USDC.
  func held(by agent: Text, onTestNetworks isTest: Bool) -> Int128 {
    holds[Account(agent: agent, isTest: isTest)] ?? 0
  }

  /// Everything held on real networks, by agent.
  public var heldByAgent: [(agent: Text, units: Int128)] {
    holds.filter { !$0.key.isTest }.map { (agent: $0.key.agent, units: $0.value) }
      .sorted { $0.agent < $1.agent }
  }

  mutating func open(_ call: OpenCall, at place: UInt32) {
    calls[place] = call
    holds[Account(agent: call.agent, isTest: call.isTest), default: 0] += call.held.units
  }

  /// Releases the hold.
  mutating func close(_ place: UInt32) {
    guard let call = calls.removeValue(forKey: place) else { return }
    if call.doubt != nil { unknownCount -= 1 }
    let account = Account(agent: call.agent, isTest: call.isTest)
    let rest = (holds[account] ?? 0) - call.held.units
    holds[account] = rest == 0 ? nil : rest
  }

  mutating func retry(_ place: UInt32, _ errorClass: Text) {
    guard let retries = calls[place]?.retries else { return }
    if retries == 0 { retriedPayments += 1 }
    calls[place]?.retries = retries + 1
    retriesByClass[errorClass, default: 0] += 1
  }

  /// Takes in a doubt, or the end of one that leaves the call open.
  mutating func doubt(_ place: UInt32, _ doubt: OpenCall.Doubt?) {
    guard let known = calls[place] else { return }
    unknownCount += (doubt == nil ? 0 : 1) - (known.doubt == nil ? 0 : 1)
    calls[place]?.doubt = doubt
  }

  func feed(into sink: inout StateSink) {
    sink.word(calls.count)
    for place in places {
      guard let call = calls[place] else { continue }
      sink.word(UInt64(place))
      sink.text(call.agent)
      sink.word(call.isTest ? 1 : 0)
      sink.wide(call.held.units)
      sink.text(call.provider)
      sink.text(call.providerKey)
      sink.optional(call.authorization?.text)
      sink.optional(call.component)
      sink.word(call.retries)
      sink.moment(call.doubt?.since)
      sink.optional(call.doubt?.errorClass)
      sink.word(call.doubt?.seq ?? 0)
    }
    sink.word(retriedPayments)
    sink.word(retriesByClass.count)
    for (name, count) in retriesByClass.sorted(by: { $0.key < $1.key }) {
      sink.text(name)
      sink.word(count)
    }
  }
}
