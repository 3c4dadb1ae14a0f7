import Digest
import Testing

/// The comparison of secrets: its answers, not its time.
@Suite struct ConstantTimeTests {
  @Test func `equal bytes are equal, empty ones too`() {
    #expect(constantTimeEqual([], []))
    #expect(constantTimeEqual([0], [0]))
    #expect(constantTimeEqual(Array(0...255), Array(0...255)))
  }

  @Test func `a prefix is not equal to the whole, either way round`() {
    #expect(!constantTimeEqual([], [0]))
    #expect(!constantTimeEqual([0], []))
    #expect(!constantTimeEqual([1, 2], [1, 2, 0]))
    #expect(!constantTimeEqual([1, 2, 0], [1, 2]))
  }

  @Test func `one differing bit at any place is found`() {
    let bytes = patternBytes(40)
    for place in bytes.indices {
      for bit in 0..<8 {
        var other = bytes
        other[place] ^= 1 << UInt8(bit)
        #expect(!constantTimeEqual(bytes, other), "bit \(bit) of byte \(place)")
      }
    }
  }

  @Test func `two differences do not cancel each other`() {
    #expect(!constantTimeEqual([1, 2], [2, 1]))
    #expect(!constantTimeEqual([0xff, 0xff], [0, 0]))
  }
}
