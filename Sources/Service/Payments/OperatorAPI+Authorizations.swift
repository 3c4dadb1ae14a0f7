internal import HTTP
internal import JSON
internal import Ledger

/// Holds over the operator API.
extension OperatorAPI {
  func authorize(_ call: Call, _ answer: @escaping Answer) {
    let requestID = call.requestID
    do throws(Problem) {
      let key = try call.requiredKey()
      let body = try RequestBody(call.body)
      try body.allow(OperatorAPI.wishMembers + ["expires_at"])
      desk.authorize(
        try wish(body), expiresAt: try body.moment("expires_at"), key: key,
        cause: Text(requestID)
      ) { reply, seq in
        answer(PaymentAnswer.response(reply, requestID: requestID), seq)
      }
    } catch {
      answer(error.response(requestID: requestID), 0)
    }
  }

  func capture(_ call: Call, _ answer: @escaping Answer) {
    let requestID = call.requestID
    do throws(Problem) {
      let key = try call.requiredKey()
      let body = try RequestBody(call.body)
      try body.allow(["amount", "asset"])
      let amount = try body.optionalText("amount") == nil ? nil : try body.money()
      desk.capture(try call.authorization(), amount, key: key, cause: Text(requestID)) {
        reply, seq in
        answer(PaymentAnswer.response(reply, requestID: requestID), seq)
      }
    } catch {
      answer(error.response(requestID: requestID), 0)
    }
  }

  func cancel(_ call: Call, _ answer: @escaping Answer) {
    let requestID = call.requestID
    do throws(Problem) {
      let key = try call.key()
      let body = try RequestBody(call.body)
      try body.allow(["reason"])
      desk.cancel(
        try call.authorization(), reason: try body.optionalText("reason"), isExpiry: false,
        key: key, cause: Text(requestID)
      ) { reply, seq in
        answer(PaymentAnswer.response(reply, requestID: requestID), seq)
      }
    } catch {
      answer(error.response(requestID: requestID), 0)
    }
  }

  func authorization(_ call: Call, _ answer: @escaping Answer) {
    let book = desk.book
    let id = AuthorizationID(Text(call.path["id"]))
    let (found, seq) = bookkeeper.read { state, _ in
      id.flatMap { state[book].authorizations[$0] }.flatMap { hold in
        state[book].payments[hold.transaction].map { (hold: hold, payment: $0) }
      }
    }
    guard let found else {
      answer(Problem.noSuchAuthorization.response(requestID: call.requestID), seq)
      return
    }
    answer(AuthorizationAnswer.document(found.hold, found.payment, status: 200), seq)
  }

  func resolveHold(_ call: Call, _ answer: @escaping Answer) {
    let book = desk.book
    let id = AuthorizationID(Text(call.path["id"]))
    let (found, seq) = bookkeeper.read { state, _ in
      id.flatMap { state[book].authorizations[$0] }
    }
    guard let hold = found else {
      answer(Problem.noSuchAuthorization.response(requestID: call.requestID), seq)
      return
    }
    write(call, answer) { body throws(Problem) in
      try body.allow(["outcome", "evidence", "by"])
      let outcome = try body.text("outcome")
      guard outcome == "done" || outcome == "failed" else {
        throw .invalid(
          "outcome", "must be done or failed: whether the provider did the \(hold.step.name)")
      }
      guard hold.phase == .unknown else {
        throw Rejection.illegalTransition(
          subject: hold.id.text, from: Text("\(hold.phase.name)"), to: "resolved"
        ).problem
      }
      let evidence = try body.text("evidence")
      guard !evidence.isBlank else { throw .invalid("evidence", "must say what shows it") }
      return SettleAuthorization(
        authorization: hold.id, stepKey: hold.stepKey,
        outcome: outcome == "done"
          ? .done(reference: nil, chainHash: nil)
          : .failed(code: "RESOLVED_AS_FAILED", error: evidence, vendorFault: false),
        source: .operator, evidence: evidence, by: try body.optionalText("by") ?? "operator")
    } then: { [desk] _, _ in
      guard
        case (.authorization(let hold, let payment, _), let seq) =
          desk.standing(.authorization(hold.id), isRepeated: false)
      else { return nil }
      return (AuthorizationAnswer.document(hold, payment, status: 200), seq)
    }
  }

  /// Gives back every hold whose time has run out; answers when all were asked about.
  func expire(_ call: Call, _ answer: @escaping Answer) {
    let requestID = call.requestID
    let book = desk.book
    let (due, seq) = bookkeeper.read { state, now in
      state[book].authorizations.openOnes
        .filter { $0.phase == .authorized && $0.isExpired(at: now) }.map(\.id)
    }
    let gathered = GatheredReplies(due.count, seq) { replies, seq in
      var out = JSONWriter()
      out.beginObject()
      out.field("asked", replies.count)
      out.field("expired", replies.count { $0 == .expired })
      out.endObject()
      answer(.json(200, out), seq)
    }
    for id in due {
      desk.cancel(id, reason: nil, isExpiry: true, key: nil, cause: Text(requestID)) {
        reply, seq in
        if case .authorization(let hold, _, _) = reply {
          gathered.add(hold.phase, seq)
        } else {
          gathered.add(nil, seq)
        }
      }
    }
  }
}

extension OperatorAPI.Call {
  /// The hold that the path names.
  fileprivate func authorization() throws(Problem) -> AuthorizationID {
    guard let id = AuthorizationID(Text(path["id"])) else { throw .noSuchAuthorization }
    return id
  }
}

extension Problem {
  static let noSuchAuthorization = Problem(
    status: 404, code: "AUTHORIZATION_NOT_FOUND",
    detail: "There is no authorization of this id in the book of this mode.")
}
