public import JSON

/// A shared secret that is in force, and the public name by which the log knows it.
///
/// The secret shows in no description, no dump and no mirror.
public struct LiveSecret: Sendable {
  /// The key id; stands in events and answers.
  public let id: Text
  /// As configured, without decoding.
  let bytes: [UInt8]

  public init(id: Text, bytes: [UInt8]) {
    self.id = id
    self.bytes = bytes
  }
}

extension LiveSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "LiveSecret(\(id))" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
