import Glibc
import JSON
import Ledger

/// What can be seen of a canonical line without reading all of it.
struct LinePeek {
  let seq: UInt64
  let at: Timestamp
  /// Whether further lines of the same unit follow.
  let more: Bool

  private static let opening: StaticString = "{\"seq\":"
  private static let time: StaticString = ",\"at\":\""
  private static let data: StaticString = ",\"data\":"
  private static let flag: StaticString = ",\"more\":true"

  /// Looks at a line without its line feed; nil when it does not begin like one of ours.
  init?(_ line: UnsafeRawBufferPointer) {
    guard LinePeek.matches(line, LinePeek.opening, at: 0) else { return nil }
    var index = LinePeek.opening.utf8CodeUnitCount
    var value: UInt64 = 0
    while index < min(line.count, 24), (0x30...0x39).contains(line[index]) {
      value = value &* 10 &+ UInt64(line[index] &- 0x30)
      index += 1
    }
    guard value > 0, LinePeek.matches(line, LinePeek.time, at: index) else { return nil }
    index += LinePeek.time.utf8CodeUnitCount
    guard index + 24 <= line.count,
      let moment = Timestamp(canonical: Array(line[index..<index + 24]).span)
    else { return nil }
    seq = value
    at = moment
    more = LinePeek.announcesMore(line, from: index)
  }

  /// Quotes in strings are escaped, so the first `,"data":` is the envelope's own, and what stands
  /// right before it is its last flag.
  private static func announcesMore(_ line: UnsafeRawBufferPointer, from start: Int) -> Bool {
    var index = start
    while index < line.count, let base = line.baseAddress,
      let comma = memchr(base + index, 0x2C, line.count - index)
    {
      let found = UnsafeRawPointer(comma) - base
      if matches(line, data, at: found) {
        let before = found - flag.utf8CodeUnitCount
        return before > start && matches(line, flag, at: before)
      }
      index = found + 1
    }
    return false
  }

  private static func matches(
    _ line: UnsafeRawBufferPointer, _ literal: StaticString, at index: Int
  ) -> Bool {
    literal.withUTF8Buffer { wanted in
      guard index + wanted.count <= line.count else { return false }
      return line[index..<index + wanted.count].elementsEqual(wanted)
    }
  }
}
