package import Ledger

/// The files that are derived from the log for people and scripts: the visible list.
///
/// A new view is one case here, its lines in `ViewFold`, and its line in docs/ARCHITECTURE.md.
package enum View: String, CaseIterable, Sendable {
  /// Money out: one line for each payment that ended.
  case transactions
  /// Money in: one line for each payment that the gateway took.
  case receipts

  /// What it holds, for `view list`.
  package var summary: String {
    switch self {
    case .transactions: "payments that ended, one line each"
    case .receipts: "payments taken at the gateway, one line each"
    }
  }

  /// Where the view of a book lies, from the home folder.
  package func path(of book: Book) -> String {
    "data/\(View.folder(of: book))/\(rawValue)/\(rawValue).jsonl"
  }

  /// The folder of a book's views within `data`; the seeds' name is the real book's.
  private static func folder(of book: Book) -> String {
    switch book {
    case .real: "a2a-x402"
    case .fake: "a2a-x402-fake"
    }
  }
}
