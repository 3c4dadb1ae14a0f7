public import JSON

/// The name under which records about the kill switch stand.
private let killSwitchSubject: Text = "killswitch"

/// An operator stopped all money that would leave and all that would newly come in.
///
/// Wire: `killswitch.engaged`. Follows: released, or nothing.
public struct KillSwitchEngaged: EventData {
  public let reason: Text
  public let by: Text

  var subject: Text { killSwitchSubject }

  func write(to out: inout JSONWriter) {
    out.field("reason", reason)
    out.field("by", by)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    reason = try fields.text("reason")
    by = try fields.text("by")
  }

  init(reason: Text, by: Text) {
    self.reason = reason
    self.by = by
  }
}

/// An operator let money move again.
///
/// Wire: `killswitch.released`. Follows: engaged.
public struct KillSwitchReleased: EventData {
  public let reason: Text
  public let by: Text

  var subject: Text { killSwitchSubject }

  func write(to out: inout JSONWriter) {
    out.field("reason", reason)
    out.field("by", by)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    reason = try fields.text("reason")
    by = try fields.text("by")
  }

  init(reason: Text, by: Text) {
    self.reason = reason
    self.by = by
  }
}
