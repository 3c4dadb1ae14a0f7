public import JSON

/// What a decision to spend was made on: an auditor can do the sum again.
///
/// All in USDC. Real networks and test networks are counted apart, each against the same limits.
public struct BudgetUse: Equatable, Sendable {
  /// Completed in the UTC day of the decision.
  public let daySpent: Money
  /// Completed in its UTC month.
  public let monthSpent: Money
  /// Begun and not ended, whatever day it began: it may still move.
  public let held: Money
  public let dailyLimit: Money
  public let monthlyLimit: Money
  /// The agent's own, or the hard limit where that is lower.
  public let perTransactionLimit: Money

  func write(to out: inout JSONWriter) {
    out.amount("day_spent", daySpent)
    out.amount("month_spent", monthSpent)
    out.amount("held", held)
    out.amount("daily_limit", dailyLimit)
    out.amount("monthly_limit", monthlyLimit)
    out.amount("per_transaction_limit", perTransactionLimit)
  }

  init(from fields: inout FieldReader) throws(FieldError) {
    daySpent = try fields.amount("day_spent", .usdc)
    monthSpent = try fields.amount("month_spent", .usdc)
    held = try fields.amount("held", .usdc)
    dailyLimit = try fields.amount("daily_limit", .usdc)
    monthlyLimit = try fields.amount("monthly_limit", .usdc)
    perTransactionLimit = try fields.amount("per_transaction_limit", .usdc)
  }

  init(
    daySpent: Money, monthSpent: Money, held: Money, dailyLimit: Money, monthlyLimit: Money,
    perTransactionLimit: Money
  ) {
    self.daySpent = daySpent
    self.monthSpent = monthSpent
    self.held = held
    self.dailyLimit = dailyLimit
    self.monthlyLimit = monthlyLimit
    self.perTransactionLimit = perTransactionLimit
  }
}

/// A limit that a payment would pass.
public struct BudgetExcess: Equatable, Sendable {
  /// Which limit stands in the way.
  public enum Limit: UInt8, CaseIterable, Sendable {
    case hard, perTransaction, daily, monthly

    /// The stable code that the asker gets.
    public var code: StaticString {
      switch self {
      case .hard: "HARD_LIMIT"
      case .perTransaction: "PER_TRANSACTION_LIMIT"
      case .daily: "DAILY_BUDGET_EXCEEDED"
      case .monthly: "MONTHLY_BUDGET_EXCEEDED"
      }
    }

    /// The policy's rule that says no.
    var rule: StaticString {
      switch self {
      case .hard: "deny_hard_limit"
      case .perTransaction: "deny_per_transaction"
      case .daily: "deny_daily_budget"
      case .monthly: "deny_monthly_budget"
      }
    }
  }

  public let which: Limit
  public let limit: Money
  /// Completed within the limit's span; zero for one payment's limit.
  public let used: Money
  public let held: Money
  public let asked: Money
}

extension State {
  /// What an agent has spent, holds and may spend; the work does not grow with the history.
  public func budgetUse(
    of agent: Text, on network: Network, book: Book, at now: Timestamp
  ) -> BudgetUse {
    let (day, month) = self[book].tallies.payments.spent(
      by: agent, onTestNetworks: network.isTest, day: now.day)
    let held = self[book].payments.calls.held(by: agent, onTestNetworks: network.isTest)
    return BudgetUse(
      daySpent: Money(units: day, asset: .usdc), monthSpent: Money(units: month, asset: .usdc),
      held: Money(units: held, asset: .usdc),
      dailyLimit: budgetLimit(of: agent, .daily, book: book).amount,
      monthlyLimit: budgetLimit(of: agent, .monthly, book: book).amount,
      perTransactionLimit: budgetLimit(of: agent, .perTransaction, book: book).amount)
  }

  /// Agents that have spent, been refused or got a limit of their own, in order of their names.
  public func spenders(in book: Book) -> [Text] {
    Set(self[book].tallies.payments.parties.agents + self[book].budgets.agents).sorted()
  }

  /// The first limit that the amount would pass; exactly the limit passes.
  func excess(of amount: Money, _ use: BudgetUse, agent: Text, book: Book) -> BudgetExcess? {
    func excess(_ which: BudgetExcess.Limit, _ limit: Money, _ used: Money, _ held: Money)
      -> BudgetExcess?
    {
      let sum = used.units.addingClamped(held.units).addingClamped(amount.units)
      guard sum > limit.units else { return nil }
      return BudgetExcess(which: which, limit: limit, used: used, held: held, asked: amount)
    }
    let nothing = Money.zero(.usdc)
    if let hard = excess(.hard, hardLimit, nothing, nothing) { return hard }
    return excess(.perTransaction, use.perTransactionLimit, nothing, nothing)
      ?? excess(.daily, use.dailyLimit, use.daySpent, use.held)
      ?? excess(.monthly, use.monthlyLimit, use.monthSpent, use.held)
  }
}

extension PaymentTallies {
  /// What an agent completed in a UTC day and in its month, in micro-dollars.
  ///
  /// Looks up each day of the month once for each network and dollar coin of the agent, however
  /// many payments there were.
  func spent(
    by agent: Text, onTestNetworks isTest: Bool, day: Day
  ) -> (day: Int128, month: Int128) {
    var sums: (day: Int128, month: Int128) = (0, 0)
    for account in parties.accounts(of: agent) where account.isTest == isTest {
      for other in day.month {
        for asset in Asset.allCases where asset.isDollar {
          let key = SpendKey(account: account.number, day: other, asset: asset)
          guard let total = spend[key] else { continue }
          let dollars = Money(units: total.units, asset: asset).microDollarsUp
          sums.month = sums.month.addingClamped(dollars)
          if other == day { sums.day = sums.day.addingClamped(dollars) }
        }
      }
    }
    return sums
  }
}

extension Money {
  /// Millionths of a dollar, a part of one counted as a whole: a limit is never passed unseen.
  var microDollarsUp: Int128 {
    guard asset.scale > 6 else { return units }
    var unit: Int128 = 1
    for _ in 6..<asset.scale { unit *= 10 }
    let (quotient, remainder) = units.quotientAndRemainder(dividingBy: unit)
    return remainder > 0 ? quotient + 1 : quotient
  }
}
