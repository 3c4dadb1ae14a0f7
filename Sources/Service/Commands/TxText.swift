import JSON
import Ledger

/// How payments are written for people and scripts.
enum TxText {
  /// The seeds' form of an amount, e.g. `1.1 USDC`: no zeros at the end but the first decimal.
  static func amount(_ money: Money) -> String {
    var digits = Array(money.decimal.string.utf8)
    while digits.last == 0x30, digits.dropLast().last != 0x2E { digits.removeLast() }
    return String(decoding: digits, as: UTF8.self) + " \(money.asset.code)"
  }

  /// When the payment ended, else when it began.
  static func moment(_ payment: Payment) -> Timestamp { payment.closedAt ?? payment.startedAt }

  /// The record that the payment stands as it does since.
  static func seq(_ payment: Payment) -> UInt64 { payment.closedSeq ?? payment.startedSeq }

  /// One object with the seeds' field names, as in the view.
  static func write(_ payment: Payment, to out: inout JSONWriter) {
    out.beginObject()
    writeMembers(payment, to: &out)
    out.endObject()
  }

  /// The members of that object.
  static func writeMembers(_ payment: Payment, to out: inout JSONWriter) {
    out.field("transaction_id", payment.id.text)
    out.moment("timestamp", moment(payment))
    out.field("agent_id", payment.agent)
    out.field("vendor", payment.vendor)
    out.field("network", payment.network.name)
    out.price("price_usdc", payment.amount)
    out.field("status", payment.phase.name)
    out.field("state", payment.phase.name)
    out.orNull("blockchain_tx_hash", payment.chainHash?.text)
    out.orNull("error", payment.error)
    out.optional("code", payment.code)
    out.optional("latency_ms", payment.latencyMilliseconds)
    out.field("seq", seq(payment))
  }
}
