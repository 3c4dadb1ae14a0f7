/// The members of one JSON object in written order; no two of them have the same name.
///
/// Names are compared by their decoded bytes. Equality looks at the order of the members too.
public struct JSONObject: Equatable, Sendable {
  /// One name with its value.
  public struct Member: Equatable, Sendable {
    /// The name, its escapes decoded.
    public let name: Text
    /// What stands after the colon.
    public let value: JSONValue

    /// Puts a name and a value together.
    public init(name: Text, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// All members in written order.
  public let members: [Member]
  /// Indices into `members` in the order of the names; empty while a walk is just as quick.
  private let order: [Int]

  /// Up to so many members, every name is compared with every other and found by a walk.
  private static let walkable = 16

  /// Takes members as they are.
  ///
  /// Nil when two of them have the same name. O(n log n) in the number of members.
  public init?(_ members: [Member]) {
    self.init(members) { _ in }
  }

  /// Takes members as they are, or tells the index of the first one whose name came before.
  init?(_ members: [Member], onDuplicate: (Int) -> Void) {
    var order: [Int] = []
    var duplicate: Int?
    if members.count <= Self.walkable {
      duplicate = members.indices.first { index in
        members[..<index].contains { $0.name == members[index].name }
      }
    } else {
      order = members.indices.sorted { left, right in
        let (leftName, rightName) = (members[left].name, members[right].name)
        return leftName == rightName ? left < right : leftName < rightName
      }
      duplicate = zip(order, order.dropFirst())
        .filter { members[$0].name == members[$1].name }
        .map { $1 }
        .min()
    }
    if let duplicate {
      onDuplicate(duplicate)
      return nil
    }
    self.members = members
    self.order = order
  }

  /// The value of the member with exactly these name bytes, nil when there is none.
  public subscript(_ name: Text) -> JSONValue? {
    name.withUTF8 { value(named: $0) }
  }

  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members == right.members
  }

  /// The value of the member with exactly these name bytes, nil when there is none.
  func value(named name: UnsafeBufferPointer<UInt8>) -> JSONValue? {
    guard !order.isEmpty else {
      return members.first { member in
        member.name.utf8Count == name.count && member.name.withUTF8 { Bytes.equal($0, name) }
      }?.value
    }
    var low = 0
    var high = order.count
    while low < high {
      let middle = (low + high) / 2
      if members[order[middle]].name.withUTF8({ Bytes.precedes($0, name) }) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    guard low < order.count else { return nil }
    let candidate = members[order[low]]
    return candidate.name.withUTF8 { Bytes.equal($0, name) } ? candidate.value : nil
  }
}
