package import JSON
package import Ledger

/// The status words of other systems, and what each says about the money.
package enum GenesisStatus: String, CaseIterable, Sendable {
  case completed
  case captured
  case paid
  case pending
  case authorized
  case failed
  case expired
  case cancelled

  /// Reads a word, ASCII case ignored (`PAID` is one of them); nil when it means nothing to us.
  ///
  /// A word that could mean two things (`success`, `refunded`, `unknown`) is not guessed at.
  package init?(_ text: Text) {
    self.init(rawValue: SettingText.lowercased(text.string))
  }

  /// All words, for messages.
  package static var words: [String] { allCases.map(\.rawValue) }

  /// Where the payment stands.
  ///
  /// Source: REQUIREMENTS X-07. Cancelled money has not moved, and there is no phase of its own for
  /// payments, so it is failed, by nobody's fault.
  package var phase: PaymentPhase {
    switch self {
    case .completed, .captured, .paid: .completed
    case .pending, .authorized: .pending
    case .failed, .expired, .cancelled: .failed
    }
  }

  /// What to record as the cause when the line names none; nil when the word says nothing more.
  var causeWithoutError: Text? {
    switch self {
    case .expired: "expired"
    case .cancelled: "cancelled"
    case .completed, .captured, .paid, .pending, .authorized, .failed: nil
    }
  }

  /// Whether a failure under this word can be the vendor's at all: the payer lets a payment
  /// expire, or cancels it.
  var canBlameVendor: Bool { self == .failed }
}

/// Who is to blame for a failed payment, as far as its error text tells.
package enum FailureCause {
  /// Whether the failure counts for the vendor's streak.
  ///
  /// A wallet too low, a budget, a limit, a missing approval are the payer's (REQUIREMENTS PAY-12,
  /// X-12); everything else, and a failure that names no cause, is the vendor's.
  package static func isVendors(error: Text?) -> Bool {
    guard let error else { return true }
    let text = SettingText.lowercased(error.string)
    return !payersWords.contains { text.contains($0) }
  }

  private static let payersWords = [
    "wallet", "budget", "limit", "insufficient", "balance", "approval", "denied", "kill switch",
    "payments_disabled", "payments disabled", "cancelled", "canceled",
  ]
}
