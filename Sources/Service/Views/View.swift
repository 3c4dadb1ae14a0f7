package import Ledger

/// The files that are derived from the log for people and scripts: the visible list.
///
/// A new view is one case here, its lines in `ViewFold`, and its line in docs/ARCHITECTURE.md.
package enum View: String, CaseIterable, Sendable {
  /// Money out: one line for each payment that ended.
  case transactions
  /// Money in: one line for each payment that the gateway took.
  case receipts
  /// What was allowed and what was not: one line for each decision about an intent.
  case approvalLog = "approval_log"
  /// What each generated business has cost: one line for each generation.
  case spendSummaries = "spend_summaries"
  /// What vendors offer: one document, written whole.
  case vendorCapabilities = "vendor_capabilities"

  /// Whether it is one document that is written whole, not lines that are appended.
  package var isDocument: Bool { self == .vendorCapabilities }

  /// What it holds, for `view list`.
  package var summary: String {
    switch self {
    case .transactions: "payments that ended and holds that stand, one line each"
    case .receipts: "payments taken at the gateway, one line each"
    case .approvalLog: "decisions about intents, one line each"
    case .spendSummaries: "what a business has cost when it is generated, one line each"
    case .vendorCapabilities: "what vendors offer, one document"
    }
  }

  /// Where the view of a book lies, from the home folder.
  package func path(of book: Book) -> String {
    let folder = "data/\(View.folder(of: book))"
    return switch self {
    case .transactions, .receipts: "\(folder)/\(rawValue)/\(rawValue).jsonl"
    case .approvalLog, .spendSummaries: "\(folder)/\(rawValue).jsonl"
    case .vendorCapabilities: "\(folder)/\(rawValue).json"
    }
  }

  /// The folder of a book's views within `data`; the seeds' name is the real book's.
  private static func folder(of book: Book) -> String {
    switch book {
    case .real: "a2a-x402"
    case .fake: "a2a-x402-fake"
    }
  }
}
