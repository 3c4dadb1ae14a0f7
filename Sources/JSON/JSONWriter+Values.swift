extension JSONWriter {
  /// Writes a whole value, numbers as they were read, strings with our escapes.
  ///
  /// With `sortingMembers` the members of each object come in the order of their names' bytes:
  /// the canonical form that fingerprints are made of. Works without recursion, so a value of any
  /// depth can be written.
  public mutating func value(_ value: JSONValue, sortingMembers: Bool) {
    var unfinished: [OpenValue] = []
    var next: JSONValue? = value
    while true {
      if let current = next {
        begin(current, sortingMembers, &unfinished)
      }
      guard var top = unfinished.popLast() else { return }
      switch top.remaining.popLast() {
      case .element(let element):
        unfinished.append(top)
        next = element
      case .member(let member):
        unfinished.append(top)
        key(member.name)
        next = member.value
      case nil:
        bytes.append(top.closing)
        next = nil
      }
    }
  }

  /// Writes a value that has no contents, or the opening bracket of one that has.
  private mutating func begin(
    _ value: JSONValue, _ sortingMembers: Bool, _ unfinished: inout [OpenValue]
  ) {
    switch value {
    case .null: null()
    case .bool(let flag): boolean(flag)
    case .number(let written): number(written)
    case .string(let text): string(text)
    case .array(let elements):
      beginArray()
      unfinished.append(OpenValue(closing: 0x5D, remaining: elements.reversed().map(Part.element)))
    case .object(let object):
      beginObject()
      let members =
        sortingMembers ? object.members.sorted { $0.name < $1.name } : object.members
      unfinished.append(OpenValue(closing: 0x7D, remaining: members.reversed().map(Part.member)))
    }
  }
}

/// An array or object whose end is not written yet.
private struct OpenValue {
  let closing: UInt8
  /// What is still to be written, the next one last.
  var remaining: [Part]
}

/// One thing inside an array or object.
private enum Part {
  case element(JSONValue)
  case member(JSONObject.Member)
}
