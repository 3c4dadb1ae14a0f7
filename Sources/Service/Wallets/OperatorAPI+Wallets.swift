internal import HTTP
internal import JSON
internal import Ledger

extension OperatorAPI {
  /// Answers `GET /api/payments/wallet-balance` from what was recorded last; asks no node.
  func walletBalance(_ call: Call, _ answer: @escaping Answer) {
    let book = desk.book
    let (sheet, seq) = bookkeeper.read { state, now in WalletSheet(state, book, asOf: now) }
    var out = JSONWriter()
    sheet.write(to: &out)
    answer(.json(200, out), seq)
  }
}
