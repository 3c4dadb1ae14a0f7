public import JSON

/// Who holds payments back, and since when: an operator, the setting, both or nobody.
public struct KillSwitch: Equatable, Sendable {
  /// One turn of the switch by an operator.
  public struct Turn: Equatable, Sendable {
    public let at: Timestamp
    public let reason: Text
    public let by: Text
  }

  /// The name of the setting that engages it for as long as it is `true`.
  public static let setting: Text = "X402_PAYMENTS_DISABLED"

  /// Set while an operator holds it engaged.
  public private(set) var engaged: Turn?

  mutating func apply(_ event: KillSwitchEngaged, at record: Record) -> Violation.Reason? {
    guard engaged == nil else { return .switchedTwice }
    engaged = Turn(at: record.at, reason: event.reason, by: event.by)
    return nil
  }

  mutating func apply(_ event: KillSwitchReleased) -> Violation.Reason? {
    guard engaged != nil else { return .switchedTwice }
    engaged = nil
    return nil
  }

  func feed(into sink: inout StateSink) {
    sink.moment(engaged?.at)
    sink.optional(engaged?.reason)
    sink.optional(engaged?.by)
  }
}

extension Controls {
  /// Whether the setting in force engages the kill switch: no event can then release it.
  public var isKillSwitchHeldBySetting: Bool { settings[KillSwitch.setting] == "true" }

  /// Whether new money is refused, in and out; what is known already is answered all the same.
  public var arePaymentsDisabled: Bool {
    killSwitch.engaged != nil || isKillSwitchHeldBySetting
  }
}

/// Stops new money at once; what has begun runs to its end, and facts are still recorded.
public struct EngageKillSwitch: Command {
  public static var name: StaticString { "killswitch.engage" }

  public let reason: Text
  public let by: Text

  public init(reason: Text, by: Text) {
    self.reason = reason
    self.by = by
  }

  public func writePrint(to out: inout JSONWriter) { out.field("reason", reason) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard !reason.isEmpty else {
      throw .fieldInvalid(field: "reason", reason: "must say why payments stop")
    }
    guard state.controls.killSwitch.engaged == nil else { return .unchanged }
    return .accepted([
      .killSwitchEngaged(KillSwitchEngaged(reason: reason.cutForEvent, by: by.cutForEvent))
    ])
  }
}

/// Lets money move again.
public struct ReleaseKillSwitch: Command {
  public static var name: StaticString { "killswitch.release" }

  public let reason: Text
  public let by: Text

  public init(reason: Text, by: Text) {
    self.reason = reason
    self.by = by
  }

  public func writePrint(to out: inout JSONWriter) { out.field("reason", reason) }

  /// - Throws: `Rejection.killSwitchHeldBySetting` while the setting is true: an operator who is
  ///   told "released" must be able to rely on it.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard !reason.isEmpty else {
      throw .fieldInvalid(field: "reason", reason: "must say why payments go on")
    }
    guard !state.controls.isKillSwitchHeldBySetting else { throw .killSwitchHeldBySetting }
    guard state.controls.killSwitch.engaged != nil else { return .unchanged }
    return .accepted([
      .killSwitchReleased(KillSwitchReleased(reason: reason.cutForEvent, by: by.cutForEvent))
    ])
  }
}
