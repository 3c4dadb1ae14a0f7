import JSON
import Ledger
import Testing

/// A wish to spend, to be changed field by field.
struct SpendFixture {
  var agent: Text = "builder_agent"
  var vendor: Text = "shop"
  var network: Text = "base"
  var amount: Text = "1.000000"

  func request() throws -> SpendRequest {
    SpendRequest(
      parties: PaymentParties(agent: agent, vendor: vendor, network: try .named(network)),
      amount: try .usdc(amount), component: "media", strategy: nil, business: nil)
  }

  func pay(_ number: UInt64, intent: IntentID? = nil) throws -> Pay {
    Pay(
      transaction: TransactionID(ULID(high: 1, low: number)), newIntent: intentID(number),
      request: try request(), intent: intent, serviceURL: nil, purpose: nil, provider: "fake",
      wallet: nil)
  }

  func submit(_ number: UInt64) throws -> SubmitIntent {
    SubmitIntent(intent: intentID(number), request: try request(), purpose: nil)
  }
}

/// The intent of a number.
func intentID(_ number: UInt64) -> IntentID { IntentID(ULID(high: 2, low: number)) }

/// The payment of a number.
func paymentID(_ number: UInt64) -> TransactionID { TransactionID(ULID(high: 1, low: number)) }

extension Scenario {
  /// Settings under which one payment may be as large as a day's budget.
  static func wide(_ more: [Text: Text] = [:]) throws -> Scenario {
    let wide: [Text: Text] = [
      "X402_HARD_LIMIT_USDC": "5000", "X402_PER_TRANSACTION_MAX_USDC": "5000",
    ]
    return try Scenario(settings: wide.merging(more) { $1 })
  }

  mutating func settle(
    _ number: UInt64, _ outcome: CallOutcome,
    _ occasion: SettlePayment.Occasion = .payment
  ) throws -> Decision {
    try submit(SettlePayment(transaction: paymentID(number), outcome: outcome, occasion: occasion))
  }

  var use: BudgetUse {
    state.budgetUse(of: "builder_agent", on: .base, book: book, at: now)
  }

  /// The code that a payment is refused with, on record.
  mutating func refusal(of pay: Pay) throws -> Text? {
    guard case .refused(let rejection, let events) = try submit(pay) else { return nil }
    guard case .paymentRefused(let refused)? = events.last else { return nil }
    #expect(refused.code == Text("\(rejection.code)"))
    return refused.code
  }
}

let paid = CallOutcome.completed(chainHash: nil, receipt: "fake_1")
