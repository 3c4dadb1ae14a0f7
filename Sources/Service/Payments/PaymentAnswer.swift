internal import HTTP
internal import JSON
internal import Ledger

/// How payments are told to callers of the operator API.
enum PaymentAnswer {
  /// What a wish to pay came to.
  static func response(_ reply: PaymentDesk.Reply, requestID: String) -> Response {
    switch reply {
    case .unavailable(let error): return error.problem.response(requestID: requestID)
    case .conflict(let key, let difference):
      return Problem(
        status: 409, code: "IDEMPOTENCY_CONFLICT",
        detail: "The key \(key) was used for another payment: \(difference). "
          + "Nothing was paid; use a new key for a new payment."
      ).response(requestID: requestID)
    case .authorization(let hold, let payment, let isRepeated):
      var response = AuthorizationAnswer.document(
        hold, payment, status: AuthorizationAnswer.status(hold))
      if hold.phase == .unknown || hold.isUnderWay {
        response.headers.append("Location", "/api/payments/authorizations/\(hold.id)")
      }
      response.headers.append("Idempotency-Replayed", isRepeated ? "true" : "false")
      return response
    case .refused(let rejection): return rejection.problem.response(requestID: requestID)
    case .payment(let payment, let call, let isRepeated):
      var response = document(payment, call, status: status(payment))
      if payment.phase.isOpen {
        response.headers.append("Location", "/api/payments/\(payment.id)")
      }
      response.headers.append("Idempotency-Replayed", isRepeated ? "true" : "false")
      return response
    }
  }

  /// 201 paid, 202 nobody knows yet, 502 the provider did not pay.
  private static func status(_ payment: Payment) -> Int {
    switch payment.phase {
    case .completed: 201
    case .pending, .unknown, .authorized: 202
    case .failed, .cancelled: 502
    }
  }

  static func document(_ payment: Payment, _ call: OpenCall?, status: Int) -> Response {
    var out = JSONWriter()
    write(payment, call, to: &out)
    var response = Response.json(status, out)
    if payment.phase == .failed { response.annotation = payment.code?.string }
    return response
  }

  /// The payment as `tx get -o json` shows it.
  static func write(_ payment: Payment, _ call: OpenCall?, to out: inout JSONWriter) {
    out.beginObject()
    TxText.writeMembers(payment, to: &out)
    if let call {
      out.field("provider", call.provider)
      out.field("provider_key", call.providerKey)
      if let doubt = call.doubt {
        out.field("error_class", doubt.errorClass)
        out.moment("unknown_since", doubt.since)
      }
    }
    out.endObject()
  }

  /// What reconciling came to.
  static func response(_ findings: [PaymentDesk.Reconciliation.Finding]) -> Response {
    let unknown = findings.count { $0.result == "unknown" }
    var out = JSONWriter()
    out.beginObject()
    out.field("asked", findings.count)
    out.field("unknown", unknown)
    out.field("closed", findings.count - unknown)
    out.key("payments")
    out.beginArray()
    for finding in findings {
      out.beginObject()
      out.field("id", finding.subject)
      out.field("status", finding.result)
      out.field("evidence", finding.evidence)
      out.endObject()
    }
    out.endArray()
    out.endObject()
    return .json(200, out)
  }
}

/// How intents are told to callers of the operator API.
enum IntentAnswer {
  static func document(_ intent: Intent, at now: Timestamp, status: Int) -> Response {
    var out = JSONWriter()
    write(intent, at: now, to: &out)
    return .json(status, out)
  }

  static func write(_ intent: Intent, at now: Timestamp, to out: inout JSONWriter) {
    let request = intent.request
    out.beginObject()
    out.field("intent_id", intent.id.text)
    out.field("status", intent.status(at: now))
    out.moment("submitted_at", intent.submittedAt)
    out.field("agent_id", request.parties.agent)
    out.field("vendor", request.parties.vendor)
    out.field("network", request.parties.network.name)
    out.price("cost_usd", request.amount)
    out.optional("component", request.component)
    out.optional("strategy", request.strategy ?? intent.rule)
    out.optional("business_id", request.business)
    out.optional("rule", intent.rule)
    out.optional("code", intent.code)
    if let expiresAt = intent.expiresAt { out.moment("expires_at", expiresAt) }
    out.field("submitted_seq", intent.submittedSeq)
    out.optional("decided_seq", intent.decidedSeq.map { Int64($0) })
    out.optional("used_seq", intent.usedSeq.map { Int64($0) })
    out.endObject()
  }
}

extension BudgetUse {
  /// An agent's spend beside its limits.
  func writeDocument(_ agent: Text, to out: inout JSONWriter) {
    out.beginObject()
    out.field("agent_id", agent)
    out.field("daily", daySpent.decimal)
    out.field("daily_limit", dailyLimit.decimal)
    out.field("monthly", monthSpent.decimal)
    out.field("monthly_limit", monthlyLimit.decimal)
    out.field("held", held.decimal)
    out.field("per_txn", perTransactionLimit.decimal)
    out.endObject()
  }
}

extension Response {
  /// A JSON answer that nobody may keep.
  static func json(_ status: Int, _ out: JSONWriter) -> Response {
    var response = Response(
      status: status, contentType: "application/json", body: out.bytes + [0x0A])
    response.headers.append("Cache-Control", "no-store")
    return response
  }
}

extension Rejection {
  /// The refusal as an answer of the operator API.
  var problem: Problem {
    let retry: Int? = status == 503 ? 60 : nil
    return Problem(
      status: status, code: "\(code)", detail: sentence + ".", retryAfterSeconds: retry)
  }

  private var status: Int {
    switch self {
    case .idempotencyConflict, .illegalTransition, .stepUnderWay, .captureAboveHold,
      .importConflict, .ledgerAlreadyOpen,
      .clockNotSuspect, .killSwitchHeldBySetting, .walletReplaced, .observationStale:
      409
    case .keyMalformed, .fieldInvalid, .settingUnreadable: 400
    case .newMoneyRefused, .gatewayNotConfigured: 503
    case .budgetExceeded, .vendorObjects, .intentRequired, .intentMismatch, .perRequestCapExceeded,
      .sessionCapExceeded:
      403
    case .underpaid, .proofReused: 402
    case .alertNotFound, .intentNotFound, .paymentNotFound, .authorizationNotFound, .walletNotFound,
      .receiptNotFound:
      404
    }
  }
}
