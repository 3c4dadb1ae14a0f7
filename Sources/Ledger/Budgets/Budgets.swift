public import JSON

/// The limit in force, and what put it in force.
public struct BudgetLimit: Equatable, Sendable {
  /// Exactly this much passes, one atomic unit more does not.
  public let amount: Money
  public let origin: Origin

  /// Where a limit comes from.
  public enum Origin: Equatable, Sendable {
    case builtIn
    /// The setting of this name, as last recorded.
    case setting(Text)
    /// `budget.limit_set` at this seq.
    case event(UInt64)
  }
}

/// Limits that operators set, by agent and kind; the last one holds.
public struct Budgets: Equatable, Sendable {
  /// One agent's limit of one kind.
  private struct Key: Hashable, Comparable {
    let agent: Text
    let kind: BudgetKind

    static func < (left: Key, right: Key) -> Bool {
      left.agent == right.agent
        ? left.kind.rawValue < right.kind.rawValue : left.agent < right.agent
    }
  }

  private var limits: [Key: BudgetSettings.Entry] = [:]

  /// Agents for whom a limit was set, in order of their names.
  public var agents: [Text] { Set(limits.keys.map(\.agent)).sorted() }

  subscript(agent: Text, kind: BudgetKind) -> BudgetSettings.Entry? {
    limits[Key(agent: agent, kind: kind)]
  }

  mutating func apply(_ event: BudgetLimitSet, at record: Record) -> Violation.Reason? {
    guard event.amount.asset == .usdc else { return .badLimit }
    limits[Key(agent: event.agent, kind: event.kind)] = BudgetSettings.Entry(
      amount: event.amount, seq: record.seq)
    return nil
  }

  func feed(into sink: inout StateSink) {
    sink.word(limits.count)
    for (key, entry) in limits.sorted(by: { $0.key < $1.key }) {
      sink.text(key.agent)
      sink.word(Int(key.kind.rawValue))
      sink.wide(entry.amount.units)
      sink.word(entry.seq)
    }
  }
}

extension State {
  /// The limit in force for an agent.
  ///
  /// Of the agent's own setting and the operator's event the later change holds; then the
  /// default's setting; then 100, 1000 and 10 USDC. No payment may pass the hard limit, 10 USDC
  /// unless set, so both must be raised to allow more.
  public func budgetLimit(of agent: Text, _ kind: BudgetKind, book: Book) -> BudgetLimit {
    let limit = ownLimit(of: agent, kind, book: book)
    guard kind == .perTransaction else { return limit }
    let name = BudgetSettings.hardLimitName
    let most = hardLimit
    guard most.units < limit.amount.units else { return limit }
    return BudgetLimit(
      amount: most, origin: controls.budgets[name] == nil ? .builtIn : .setting(name))
  }

  /// The most that any one payment may be, whoever asks.
  public var hardLimit: Money {
    controls.budgets[BudgetSettings.hardLimitName]?.amount ?? State.builtInLimit(.perTransaction)
  }

  private func ownLimit(of agent: Text, _ kind: BudgetKind, book: Book) -> BudgetLimit {
    let name = BudgetSettings.name(kind, of: agent)
    let setting = controls.budgets[name]
    let event = self[book].budgets[agent, kind]
    if let event, event.seq > setting?.seq ?? 0 {
      return BudgetLimit(amount: event.amount, origin: .event(event.seq))
    }
    if let setting { return BudgetLimit(amount: setting.amount, origin: .setting(name)) }
    let standard = BudgetSettings.name(kind, of: nil)
    if let entry = controls.budgets[standard] {
      return BudgetLimit(amount: entry.amount, origin: .setting(standard))
    }
    return BudgetLimit(amount: State.builtInLimit(kind), origin: .builtIn)
  }

  private static func builtInLimit(_ kind: BudgetKind) -> Money {
    switch kind {
    case .daily: Money(units: 100_000_000, asset: .usdc)
    case .monthly: Money(units: 1_000_000_000, asset: .usdc)
    case .perTransaction: Money(units: 10_000_000, asset: .usdc)
    }
  }
}
