/// What goes wrong on a simulated disk, and when.
///
/// Calls are counted from 1; every kind of call, or only those of one kind.
public struct FaultPlan: Equatable, Sendable {
  /// How a call fails.
  public enum Fault: Equatable, Sendable {
    /// With an input/output error (5) and no effect but that of a failed sync.
    case inputOutput
    /// With no space left on the device (28).
    case noSpace
    /// A write stores a part and says so; other calls fail with an input/output error.
    case shortWrite
  }

  /// The call before which the power goes; nothing works after it. Nil: never.
  public var powerCutAtCall: Int?
  /// The one call that fails. Nil: none.
  public var failAtCall: Int?
  public var fault: Fault
  /// The kind of call that is counted; nil for all.
  public var counted: DiskCall?

  /// A disk that does what it should.
  public static let none = FaultPlan(
    powerCutAtCall: nil, failAtCall: nil, fault: .inputOutput, counted: nil)

  public init(powerCutAtCall: Int?, failAtCall: Int?, fault: Fault, counted: DiskCall?) {
    self.powerCutAtCall = powerCutAtCall
    self.failAtCall = failAtCall
    self.fault = fault
    self.counted = counted
  }
}
