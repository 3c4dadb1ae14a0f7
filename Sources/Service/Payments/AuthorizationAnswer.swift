internal import HTTP
internal import JSON
internal import Ledger

/// How holds are told to callers of the operator API.
enum AuthorizationAnswer {
  /// 200 as asked, 201 held, 202 nobody knows yet, 502 the provider did not do it.
  static func status(_ hold: Authorization) -> Int {
    switch hold.phase {
    case .requested, .capturing, .cancelling, .unknown: 202
    case .authorized: hold.step == .authorize ? 201 : 502
    case .captured, .cancelled, .expired: 200
    case .failed: 502
    }
  }

  static func document(_ hold: Authorization, _ payment: Payment, status: Int) -> Response {
    var out = JSONWriter()
    write(hold, payment, to: &out)
    return .json(status, out)
  }

  static func write(_ hold: Authorization, _ payment: Payment, to out: inout JSONWriter) {
    out.beginObject()
    out.field("authorization_id", hold.id.text)
    out.field("transaction_id", hold.transaction.text)
    out.field("status", hold.phase.name)
    out.field("agent_id", payment.agent)
    out.field("vendor", payment.vendor)
    out.field("network", payment.network.name)
    out.price("amount_usdc", hold.amount)
    if hold.phase == .captured, let captured = hold.wanted {
      out.price("captured_usdc", captured)
      let rest = Money(units: hold.amount.units - captured.units, asset: captured.asset)
      out.price("released_usdc", rest)
    }
    out.moment("requested_at", hold.requestedAt)
    if let expiresAt = hold.expiresAt { out.moment("expires_at", expiresAt) }
    out.optional("reason", hold.reason)
    if hold.phase == .unknown || hold.phase == .authorized && hold.step != .authorize {
      out.field("last_step", hold.step.name)
    }
    out.optional("error_class", hold.errorClass)
    out.optional("error", payment.error)
    out.optional("code", payment.code)
    out.field("seq", hold.lastSeq)
    out.endObject()
  }
}
