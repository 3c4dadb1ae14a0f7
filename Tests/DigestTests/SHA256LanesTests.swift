import Digest
import Seeded
import Testing

/// Many messages at once: every kernel against the pure Swift oracle.
///
/// A kernel that this processor lacks falls back to the oracle and is then not proved here.
@Suite struct SHA256LanesTests {
  @Test func `the kernel in use is the first usable one`() {
    let first = Kernel.allCases.first(where: \.isUsable)
    #expect(SHA256Lanes.kernelName == first?.rawValue)
    #expect(Kernel.scalar.isUsable)
  }

  @Test(arguments: Kernel.allCases)
  func `all lengths from 0 to 300 in one call agree with the oracle`(kernel: Kernel) {
    let bytes = patternBytes(301)
    let messages = (0...300).map { Array(bytes[..<$0]) }
    let digests = SHA256Lanes.hash(messages: messages, using: kernel)
    #expect(digests == messages.map(oracle))
  }

  @Test(arguments: Kernel.allCases)
  func `the standard's examples give the standard's digests`(kernel: Kernel) {
    let messages = SHA256Tests.standard.map { Array($0.message.utf8) }
    let digests = SHA256Lanes.hash(messages: messages, using: kernel)
    #expect(digests.map(\.hex) == SHA256Tests.standard.map(\.digest))
  }

  @Test(arguments: Kernel.allCases)
  func `one million a among short messages gives the standard's digest`(kernel: Kernel) {
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    let messages = [[], million, [], Array("abc".utf8)]
    let digests = SHA256Lanes.hash(messages: messages, using: kernel)
    let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(digests[1].hex == expected)
    #expect(digests == messages.map(oracle))
  }

  @Test(arguments: Kernel.allCases)
  func `any number of messages from 0 to 50 is hashed, no digest beyond touched`(kernel: Kernel) {
    let bytes = patternBytes(200)
    for count in 0...50 {
      let parts = (0..<count).map { (0..<$0 * 3, $0..<$0 * 2) }
      let digests = hashParts(parts, of: bytes, room: count + 1, using: kernel)
      let expected = parts.map { oracle(Array(bytes[$0.0] + bytes[$0.1])) } + [.zero]
      #expect(digests == expected, "\(count) messages")
    }
  }

  @Test(arguments: Kernel.allCases)
  func `a message split anywhere into prefix and body has one digest`(kernel: Kernel) {
    let bytes = patternBytes(301)
    for length in [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 191, 300] {
      let parts = (0...length).map { (0..<$0, $0..<length) }
      let digests = hashParts(parts, of: bytes, room: parts.count, using: kernel)
      let whole = oracle(Array(bytes[..<length]))
      #expect(digests.allSatisfy { $0 == whole }, "\(length) bytes")
    }
  }

  @Test(arguments: Kernel.allCases, UInt64(0)..<20)
  func `random prefixes and bodies at any address agree with the oracle`(
    kernel: Kernel, seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    let bytes = (0..<4_096).map { _ in UInt8.random(in: 0...255, using: &random) }
    let longest = [40, 130, 600, 2_000][Int(seed % 4)]
    let parts = (0..<Int.random(in: 1...90, using: &random)).map { _ in
      (
        randomRange(Bool.random(using: &random) ? 64...64 : 0...longest, &random),
        randomRange(0...longest, &random)
      )
    }
    let digests = hashParts(parts, of: bytes, room: parts.count, using: kernel)
    #expect(digests == parts.map { oracle(Array(bytes[$0.0] + bytes[$0.1])) })
  }

  @Test func `the public calls agree with the oracle for every count of messages`() {
    let bytes = patternBytes(400)
    for count in 0...40 {
      let messages = (0..<count).map { Array(bytes[..<($0 * 9)]) }
      #expect(SHA256Lanes.hash(messages: messages) == messages.map(oracle))
      let parts = (0..<count).map { (0..<64, 64..<64 + $0 * 8) }
      let digests = hashParts(parts, of: bytes, room: count, using: nil)
      #expect(digests == parts.map { oracle(Array(bytes[$0.0] + bytes[$0.1])) })
    }
  }

  @Test func `a chain message gives back the ranges that it was made of`() {
    let bytes = patternBytes(10)
    bytes.withUnsafeBytes { raw in
      let prefix = UnsafeRawBufferPointer(rebasing: raw[1..<4])
      let body = UnsafeRawBufferPointer(rebasing: raw[5..<10])
      let message = ChainMessage(prefix: prefix, body: body)
      #expect(Array(message.prefix) == Array(prefix))
      #expect(Array(message.body) == Array(body))
    }
  }

  private func oracle(_ message: [UInt8]) -> SHA256Digest {
    var sha = SHA256(accelerated: false)
    sha.update(message)
    return sha.finalize()
  }

  /// Hashes (prefix, body) ranges of `bytes` where they lie; nil stands for the public call.
  private func hashParts(
    _ parts: [(Range<Int>, Range<Int>)], of bytes: [UInt8], room: Int, using kernel: Kernel?
  ) -> [SHA256Digest] {
    var digests = [SHA256Digest](repeating: .zero, count: room)
    bytes.withUnsafeBytes { raw in
      let messages = parts.map {
        ChainMessage(
          prefix: UnsafeRawBufferPointer(rebasing: raw[$0.0]),
          body: UnsafeRawBufferPointer(rebasing: raw[$0.1]))
      }
      messages.withUnsafeBufferPointer { messages in
        digests.withUnsafeMutableBufferPointer { digests in
          if let kernel {
            SHA256Lanes.hash(messages, into: digests, using: kernel)
          } else {
            SHA256Lanes.hash(messages, into: digests)
          }
        }
      }
    }
    return digests
  }

  private func randomRange(
    _ lengths: ClosedRange<Int>, _ random: inout SplitMix64
  ) -> Range<Int> {
    let start = Int.random(in: 0..<2_000, using: &random)
    return start..<start + Int.random(in: lengths, using: &random)
  }
}
