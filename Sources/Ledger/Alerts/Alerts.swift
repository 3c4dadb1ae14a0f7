public import JSON

/// One alert, as the fold knows it.
public struct Alert: Equatable, Sendable {
  public let id: AlertID
  public let rule: Text
  public let severity: AlertSeverity
  public let fingerprint: Text
  public let about: Text
  public let value: Text
  public let threshold: Text
  public let text: Text
  public let raisedAt: Timestamp
  public let raisedSeq: UInt64
  public internal(set) var acknowledgedBy: Text?
  public internal(set) var resolvedAt: Timestamp?

  /// The word for where it stands.
  public var status: StaticString {
    if resolvedAt != nil { return "resolved" }
    return acknowledgedBy == nil ? "raised" : "acknowledged"
  }
}

/// All alerts of one book, in the order in which they were raised; order-dependent.
public struct Alerts: Equatable, Sendable {
  private var ids = IdentifierTable<AlertKind>()
  public private(set) var all: [Alert] = []
  /// Places of those that are not resolved, by fingerprint.
  private var active: [Text: Int] = [:]

  /// Those that are not resolved, in the order in which they were raised.
  public var activeOnes: [Alert] { active.values.sorted().map { all[$0] } }

  /// The active alert of a condition; nil when there is none.
  public subscript(fingerprint: Text) -> Alert? { active[fingerprint].map { all[$0] } }

  public subscript(id: AlertID) -> Alert? { ids.find(id).map { all[Int($0)] } }

  mutating func apply(_ event: AlertRaised, at record: Record) -> Violation.Reason? {
    guard ids.find(event.alert) == nil, active[event.fingerprint] == nil else {
      return .alreadyRaised
    }
    _ = ids.intern(event.alert)
    active[event.fingerprint] = all.count
    all.append(
      Alert(
        id: event.alert, rule: event.rule, severity: event.severity,
        fingerprint: event.fingerprint, about: event.about, value: event.value,
        threshold: event.threshold, text: event.text, raisedAt: record.at,
        raisedSeq: record.seq, acknowledgedBy: nil, resolvedAt: nil))
    return nil
  }

  mutating func apply(_ event: AlertAcknowledged) -> Violation.Reason? {
    guard let number = ids.find(event.alert), all[Int(number)].resolvedAt == nil else {
      return .notRaised
    }
    all[Int(number)].acknowledgedBy = event.by
    return nil
  }

  mutating func apply(_ event: AlertResolved, at record: Record) -> Violation.Reason? {
    guard let number = ids.find(event.alert), all[Int(number)].resolvedAt == nil,
      all[Int(number)].fingerprint == event.fingerprint
    else { return .notRaised }
    all[Int(number)].resolvedAt = record.at
    active[event.fingerprint] = nil
    return nil
  }

  func feed(into sink: inout StateSink) {
    sink.word(all.count)
    for alert in all {
      sink.text(alert.id.text)
      sink.text(alert.rule)
      sink.word(Int(alert.severity.rawValue))
      sink.text(alert.fingerprint)
      sink.text(alert.about)
      sink.text(alert.value)
      sink.text(alert.threshold)
      sink.text(alert.text)
      sink.moment(alert.raisedAt)
      sink.word(alert.raisedSeq)
      sink.optional(alert.acknowledgedBy)
      sink.moment(alert.resolvedAt)
    }
  }
}
