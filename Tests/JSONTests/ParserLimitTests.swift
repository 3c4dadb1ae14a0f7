import JSON
import Testing

private func nested(_ depth: Int) -> [UInt8] {
  [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
}

struct ParserLimitTests {
  @Test func `nesting is taken up to the limit and refused one level on`() {
    let limits = JSONLimits(depth: 3, bytes: 1000, values: 1000)
    #expect(parsed("[[[]]]", limits) != .fault(3, .tooDeep(limit: 3)))
    #expect(parsed("[[[[]]]]", limits) == .fault(3, .tooDeep(limit: 3)))
    #expect(parsed("[{\"a\":[{}]}]", limits) == .fault(7, .tooDeep(limit: 3)))
    #expect(parsed("1", JSONLimits(depth: 0, bytes: 9, values: 9)) != .fault(0, .expectedValue))
    #expect(
      parsed("[]", JSONLimits(depth: 0, bytes: 9, values: 9)) == .fault(0, .tooDeep(limit: 0)))
  }

  @Test func `200,000 nested brackets are an error and not a crash`() {
    let limits = JSONLimits(depth: .max, bytes: .max, values: .max)
    let open = [UInt8](repeating: 0x5B, count: 200_000)
    #expect(parsed(open, limits) == .fault(512, .tooDeep(limit: 512)))
    #expect(parsed(open, .standard) == .fault(64, .tooDeep(limit: 64)))
    let objects = Array(String(repeating: "{\"a\":", count: 200_000).utf8)
    #expect(parsed(objects, limits) == .fault(512 * 5, .tooDeep(limit: 512)))
  }

  @Test func `the deepest level that any setting allows is read and written again`() {
    let text = nested(JSONLimits.deepest)
    guard case .value(let value) = parsed(text, .file) else {
      Issue.record("512 levels are refused")
      return
    }
    var writer = JSONWriter()
    writer.value(value, sortingMembers: true)
    #expect(writer.bytes == text)
    #expect(parsed(nested(513), .file) == .fault(512, .tooDeep(limit: 512)))
  }

  @Test func `a text is taken up to the limit of bytes and refused one byte on`() {
    let limits = JSONLimits(depth: 4, bytes: 6, values: 10)
    #expect(parsed("[true]", limits) == .value(.array([.bool(true)])))
    #expect(parsed("[true] ", limits) == .fault(6, .tooLong(limit: 6)))
    #expect(
      parsed("1", JSONLimits(depth: 1, bytes: -1, values: 1)) == .fault(0, .tooLong(limit: -1)))
  }

  @Test func `values are counted with their containers`() {
    let limits = JSONLimits(depth: 4, bytes: 100, values: 4)
    #expect(parsed("[1,[2]]", limits) != .fault(4, .tooManyValues(limit: 4)))
    #expect(parsed("[1,[2,3]]", limits) == .fault(6, .tooManyValues(limit: 4)))
    #expect(
      parsed("{\"a\":1,\"b\":2,\"c\":3,\"d\":4}", limits) == .fault(23, .tooManyValues(limit: 4)))
  }

  @Test func `the standard limits are those of the design`() {
    #expect(JSONLimits.standard == JSONLimits(depth: 64, bytes: 1_048_576, values: 100_000))
  }
}
