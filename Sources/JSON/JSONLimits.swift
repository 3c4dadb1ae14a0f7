/// How much of a stranger's JSON is read before the reader gives up.
public struct JSONLimits: Equatable, Sendable {
  /// Arrays and objects inside each other; 1 takes `[]` but not `[[]]`. Never counts for more
  /// than `deepest`, because the parser calls itself for each level.
  public var depth: Int
  /// Bytes of the whole text.
  public var bytes: Int
  /// Values of every kind in the whole text, each array and object counted with its contents.
  public var values: Int

  /// The depth that no setting exceeds.
  public static let deepest = 512

  /// For requests and answers: 64 levels, 1 MiB, 100,000 values.
  public static let standard = JSONLimits(depth: 64, bytes: 1 << 20, values: 100_000)
  /// For one line of the log: 64 levels, 1 MiB, as many values as fit into it.
  public static let line = JSONLimits(depth: 64, bytes: 1 << 20, values: 1 << 20)
  /// For files that the operator names: 512 levels, 1 GiB, 100 million values.
  public static let file = JSONLimits(depth: deepest, bytes: 1 << 30, values: 100_000_000)

  /// Sets all three limits.
  public init(depth: Int, bytes: Int, values: Int) {
    self.depth = depth
    self.bytes = bytes
    self.values = values
  }
}
