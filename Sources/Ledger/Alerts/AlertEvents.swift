public import JSON

/// How much an alert matters.
public enum AlertSeverity: UInt8, CaseIterable, Sendable {
  case critical, warning, info

  public var name: StaticString {
    switch self {
    case .critical: "critical"
    case .warning: "warning"
    case .info: "info"
    }
  }

  static func read(_ fields: inout FieldReader) throws(FieldError) -> AlertSeverity {
    let name = try fields.cachedText("severity")
    for severity in AlertSeverity.allCases where Text("\(severity.name)") == name {
      return severity
    }
    throw .invalid("severity", "is not a severity that this binary knows")
  }
}

/// A rule has begun to hold: once until it clears.
///
/// Wire: `alert.raised`. Follows: nothing, or resolved. Next: acknowledged, resolved.
public struct AlertRaised: EventData {
  public let alert: AlertID
  /// The rule's stable name.
  public let rule: Text
  public let severity: AlertSeverity
  /// What makes this condition one and the same: rule, what it is about, and its day if it has one.
  public let fingerprint: Text
  /// The agent, vendor or part that it is about.
  public let about: Text
  public let value: Text
  public let threshold: Text
  /// The message, ready to be posted; lines are separated by line feeds.
  public let text: Text

  var subject: Text { alert.text }

  func write(to out: inout JSONWriter) {
    out.field("rule", rule)
    out.field("severity", severity.name)
    out.field("fingerprint", fingerprint)
    out.field("about", about)
    out.field("value", value)
    out.field("threshold", threshold)
    out.field("text", text)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    alert = try FieldReader.named(AlertID(subject.text))
    rule = try fields.cachedText("rule")
    severity = try AlertSeverity.read(&fields)
    fingerprint = try fields.text("fingerprint")
    about = try fields.text("about")
    value = try fields.text("value")
    threshold = try fields.text("threshold")
    text = try fields.text("text")
  }

  init(alert: AlertID, _ condition: AlertCondition) {
    self.alert = alert
    rule = Text("\(condition.rule.name)")
    severity = condition.rule.severity
    fingerprint = condition.fingerprint
    about = condition.about
    value = condition.value
    threshold = condition.threshold
    text = condition.text.cutForEvent
  }
}

/// Somebody has seen it.
///
/// Wire: `alert.acknowledged`. Follows: raised.
public struct AlertAcknowledged: EventData {
  public let alert: AlertID
  public let by: Text
  public let note: Text?

  var subject: Text { alert.text }

  func write(to out: inout JSONWriter) {
    out.field("by", by)
    out.optional("note", note)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    alert = try FieldReader.named(AlertID(subject.text))
    by = try fields.text("by")
    note = try fields.optionalText("note")
  }

  init(alert: AlertID, by: Text, note: Text?) {
    self.alert = alert
    self.by = by
    self.note = note
  }
}

/// The rule holds no more.
///
/// Wire: `alert.resolved`. Follows: raised, acknowledged. Terminal; the same condition later is a
/// new alert.
public struct AlertResolved: EventData {
  public let alert: AlertID
  public let fingerprint: Text

  var subject: Text { alert.text }

  func write(to out: inout JSONWriter) { out.field("fingerprint", fingerprint) }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    alert = try FieldReader.named(AlertID(subject.text))
    fingerprint = try fields.text("fingerprint")
  }

  init(alert: AlertID, fingerprint: Text) {
    self.alert = alert
    self.fingerprint = fingerprint
  }
}
