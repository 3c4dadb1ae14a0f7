public import JSON

/// Raises what has begun to hold and resolves what holds no more.
public struct EvaluateAlerts: Command {
  public static var name: StaticString { "alert.evaluate" }

  /// Ids for new alerts; what they do not reach for waits for the next time.
  public let ids: [AlertID]

  public init(ids: [AlertID]) { self.ids = ids }

  public func writePrint(to out: inout JSONWriter) {}

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    let alerts = state[book].alerts
    let conditions = state.conditions(in: book, at: now)
    let holding = Set(conditions.map(\.fingerprint))
    var events: [Event] = alerts.activeOnes.filter { !holding.contains($0.fingerprint) }.map {
      .alertResolved(AlertResolved(alert: $0.id, fingerprint: $0.fingerprint))
    }
    let fresh = conditions.filter { alerts[$0.fingerprint] == nil }
    for (condition, id) in zip(fresh, ids.filter { alerts[$0] == nil }) {
      events.append(.alertRaised(AlertRaised(alert: id, condition)))
    }
    return events.isEmpty ? .unchanged : .accepted(events)
  }
}

/// Notes that somebody has seen an alert.
public struct AcknowledgeAlert: Command {
  public static var name: StaticString { "alert.acknowledge" }

  public let alert: AlertID
  public let by: Text
  public let note: Text?

  public init(alert: AlertID, by: Text, note: Text?) {
    self.alert = alert
    self.by = by
    self.note = note
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("alert_id", alert.text)
    out.field("by", by)
    out.optional("note", note)
  }

  /// - Throws: `Rejection.alertNotFound`, `.fieldInvalid`.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard !by.isEmpty else { throw .fieldInvalid(field: "by", reason: "must say who saw it") }
    guard let known = state[book].alerts[alert] else { throw .alertNotFound(alert) }
    guard known.resolvedAt == nil, known.acknowledgedBy == nil else { return .unchanged }
    return .accepted([
      .alertAcknowledged(
        AlertAcknowledged(alert: alert, by: by.cutForEvent, note: note?.cutForEvent))
    ])
  }
}
