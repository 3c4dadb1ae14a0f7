import JSON

/// JSON for the eye: one member on a line, four blanks for each level, as Python's `json.tool`.
enum PrettyJSON {
  /// The document with its line feed.
  static func bytes(_ value: JSONValue) -> [UInt8] {
    var out: [UInt8] = []
    write(value, level: 0, to: &out)
    out.append(0x0A)
    return out
  }

  private static func write(_ value: JSONValue, level: Int, to out: inout [UInt8]) {
    switch value {
    case .object(let object) where !object.members.isEmpty:
      out.append(0x7B)
      for (index, member) in object.members.enumerated() {
        beginLine(level + 1, isFirst: index == 0, to: &out)
        writeScalar(.string(member.name), to: &out)
        out.append(contentsOf: ": ".utf8)
        write(member.value, level: level + 1, to: &out)
      }
      endLine(level, to: &out)
      out.append(0x7D)
    case .array(let elements) where !elements.isEmpty:
      out.append(0x5B)
      for (index, element) in elements.enumerated() {
        beginLine(level + 1, isFirst: index == 0, to: &out)
        write(element, level: level + 1, to: &out)
      }
      endLine(level, to: &out)
      out.append(0x5D)
    default: writeScalar(value, to: &out)
    }
  }

  private static func writeScalar(_ value: JSONValue, to out: inout [UInt8]) {
    var writer = JSONWriter()
    writer.value(value, sortingMembers: false)
    out.append(contentsOf: writer.bytes)
  }

  private static func beginLine(_ level: Int, isFirst: Bool, to out: inout [UInt8]) {
    if !isFirst { out.append(0x2C) }
    endLine(level, to: &out)
  }

  private static func endLine(_ level: Int, to out: inout [UInt8]) {
    out.append(0x0A)
    out.append(contentsOf: repeatElement(0x20, count: 4 * level))
  }
}
