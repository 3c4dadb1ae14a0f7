private import CDigest

/// One message for `SHA256Lanes`: two ranges of bytes, hashed as if they were adjacent.
///
/// It borrows the memory: both ranges must stay readable until the call that hashes it returns.
public struct ChainMessage {
  // The one stored property, so that an array of these is an array for the C kernels.
  private let parts: cdigest_message

  /// Points at `prefix` followed by `body`; either may be empty. No alignment is asked for.
  public init(prefix: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer) {
    parts = cdigest_message(
      prefix: prefix.baseAddress, prefix_count: prefix.count,
      body: body.baseAddress, body_count: body.count)
  }

  /// The bytes that are hashed first.
  public var prefix: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: parts.prefix, count: parts.prefix_count)
  }

  /// The bytes that are hashed after the prefix.
  public var body: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: parts.body, count: parts.body_count)
  }
}

/// SHA-256 of many independent messages in step, by the fastest kernel that proved itself.
///
/// A hash chain is serial to write but not to verify: every link's input is in the file already.
public enum SHA256Lanes {
  /// The kernel that `hash` uses here: `avx512x16`, `shani`, `avx2x8` or `scalar`.
  public static var kernelName: String { Kernel.best.rawValue }

  /// Hashes message i into `digests[i]`, which need not be initialized.
  ///
  /// Digests are at least as many as messages: anything else is a bug of the caller and stops
  /// the process. Entries past the last message are left alone.
  public static func hash(
    _ messages: UnsafeBufferPointer<ChainMessage>,
    into digests: UnsafeMutableBufferPointer<SHA256Digest>
  ) {
    // With one or two messages most lanes would idle, and a single stream is faster.
    let single: Kernel = Kernel.shaNI.isUsable ? .shaNI : .scalar
    hash(messages, into: digests, using: messages.count < 3 ? single : Kernel.best)
  }

  /// Hashes each message; the convenient form, which copies the messages once.
  public static func hash(messages: [[UInt8]]) -> [SHA256Digest] {
    hash(messages: messages, using: Kernel.best)
  }

  /// Hashes by one kernel, for tests and benchmarks; one that is not usable falls back to
  /// `scalar`.
  package static func hash(
    _ messages: UnsafeBufferPointer<ChainMessage>,
    into digests: UnsafeMutableBufferPointer<SHA256Digest>, using kernel: Kernel
  ) {
    guard digests.count >= messages.count else {
      fatalError("SHA256Lanes: \(messages.count) messages, room for \(digests.count) digests")
    }
    guard let start = digests.baseAddress, !messages.isEmpty else { return }
    (kernel.isUsable ? kernel : .scalar).run(messages, start)
  }

  /// The convenient form by one kernel, for tests and benchmarks.
  package static func hash(messages: [[UInt8]], using kernel: Kernel) -> [SHA256Digest] {
    // The arrays are laid end to end first: pointers into many arrays cannot be held at once.
    let joined = messages.flatMap(\.self)
    return joined.withUnsafeBytes { bytes in
      var end = 0
      let parts = messages.map { message in
        let range = end..<end + message.count
        end = range.upperBound
        return ChainMessage(
          prefix: UnsafeRawBufferPointer(start: nil, count: 0),
          body: UnsafeRawBufferPointer(rebasing: bytes[range]))
      }
      return [SHA256Digest](unsafeUninitializedCapacity: parts.count) { buffer, count in
        parts.withUnsafeBufferPointer { hash($0, into: buffer, using: kernel) }
        count = parts.count
      }
    }
  }
}
