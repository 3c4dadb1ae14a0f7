/// The steps of the triage, in their order.
///
/// Source: REQUIREMENTS SOP-02, the seed's flowchart.
package enum TriageStep: String, CaseIterable, Sendable {
  case start
  case payment
  case idempotency
  case metrics
  case other

  /// The question that the step answers.
  package var question: String {
    switch self {
    case .start: "Can it start?"
    case .payment: "Does 402 become 200?"
    case .idempotency: "Does a retry replay?"
    case .metrics: "Are there metrics?"
    case .other: "Anything else to look at?"
    }
  }

  /// How bad it is when the step fails.
  package var severity: Severity {
    switch self {
    case .start: .p0
    case .payment, .idempotency: .p1
    case .metrics: .p2
    case .other: .p3
    }
  }
}

/// How soon somebody must act.
package enum Severity: String, Sendable {
  case p0 = "P0"
  case p1 = "P1"
  case p2 = "P2"
  case p3 = "P3"

  /// Whom to tell, and by when.
  ///
  /// Source: REQUIREMENTS SOP-01 and SOP-09.
  package var escalation: String {
    switch self {
    case .p0: "answer within 1 hour: call the engineer on call now"
    case .p1: "answer within 4 hours: file an issue with priority:high and tell the team channel"
    case .p2: "answer within 1 business day: file an issue with priority:medium"
    case .p3: "backlog: file an issue with enhancement for the weekly review"
    }
  }
}
