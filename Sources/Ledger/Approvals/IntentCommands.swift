public import JSON

/// Asks for leave to spend, without spending: the policy decides, or an operator.
public struct SubmitIntent: Command {
  public static var name: StaticString { "intent.submit" }

  /// The id that the intent gets.
  public let intent: IntentID
  public let request: SpendRequest
  public let purpose: Text?

  public init(intent: IntentID, request: SpendRequest, purpose: Text?) {
    self.intent = intent
    self.request = request
    self.purpose = purpose
  }

  public func writePrint(to out: inout JSONWriter) {
    request.writePrint(to: &out)
    out.optional("purpose", purpose)
  }

  /// A denial is an answer like an approval: the intent is there, and stands denied.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    try request.check()
    guard state[book].intents[intent] == nil else {
      throw .fieldInvalid(field: "intent_id", reason: "names an intent that exists already")
    }
    let agent = request.parties.agent
    let use = state.budgetUse(of: agent, on: request.parties.network, book: book, at: now)
    let excess = state.excess(of: request.amount, use, agent: agent, book: book)
    let submitted = Event.intentSubmitted(
      IntentSubmitted(intent: intent, request: request, purpose: purpose?.cutForEvent))
    let objection = state[book].vendors.objection(
      to: request, state.controls.vendorCache, at: now)
    let verdict = SpendGate.verdict(
      intent, request, excess, objection, use, state.controls.spending, at: now)
    switch verdict {
    case .approved(let approved): return .accepted([submitted, .intentApproved(approved)])
    case .denied(let denied, _): return .accepted([submitted, .intentDenied(denied)])
    case .waits: return .accepted([submitted])
    }
  }
}

/// An operator's word on an intent that waits.
public struct DecideIntent: Command {
  /// Yes or no.
  public enum Verdict: Sendable {
    case approve
    case deny
  }

  public static var name: StaticString { "intent.decide" }

  public let intent: IntentID
  public let verdict: Verdict
  public let reason: Text
  public let by: Text
  public let ticket: Text?

  public init(intent: IntentID, verdict: Verdict, reason: Text, by: Text, ticket: Text?) {
    self.intent = intent
    self.verdict = verdict
    self.reason = reason
    self.by = by
    self.ticket = ticket
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("intent_id", intent.text)
    out.field("verdict", verdict == .approve ? "approve" as StaticString : "deny")
    out.field("reason", reason)
    out.field("by", by)
    out.optional("ticket", ticket)
  }

  /// - Throws: `Rejection.intentNotFound`, `.fieldInvalid`. Another verdict than the one given is
  ///   refused and recorded.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard !reason.isEmpty else {
      throw .fieldInvalid(field: "reason", reason: "must say why")
    }
    guard !by.isEmpty else { throw .fieldInvalid(field: "by", reason: "must say who decides") }
    guard let known = state[book].intents[intent] else { throw .intentNotFound(intent) }
    let wanted: IntentPhase = verdict == .approve ? .approved : .denied
    if known.phase == wanted, known.phase != .approved || known.isUsable(at: now) {
      return .unchanged
    }
    guard known.phase == .submitted else {
      let from = known.status(at: now)
      let to = Text("\(wanted.name)")
      return .refused(
        .illegalTransition(subject: intent.text, from: from, to: to),
        recording: [
          .transitionRefused(
            TransitionRefused(
              subject: intent.text, machine: "intent", from: from, to: to, source: "operator"))
        ])
    }
    let request = known.request
    let use = state.budgetUse(
      of: request.parties.agent, on: request.parties.network, book: book, at: now)
    switch verdict {
    case .approve:
      return .accepted([
        .intentApproved(
          IntentApproved(
            intent: intent, request: request, rule: "manual", evaluator: by.cutForEvent,
            reason: reason.cutForEvent, ticket: ticket?.cutForEvent,
            expiresAt: state.controls.spending.expiry(from: now), use: use))
      ])
    case .deny:
      return .accepted([
        .intentDenied(
          IntentDenied(
            intent: intent, request: request, rule: "manual", code: "INTENT_DENIED",
            evaluator: by.cutForEvent, reason: reason.cutForEvent, use: use))
      ])
    }
  }
}
