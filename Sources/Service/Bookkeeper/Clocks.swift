internal import Glibc
package import Ledger
internal import Synchronization

/// The two clocks of the machine, in milliseconds; a value, so that tests can pass their own.
package struct Clocks: Sendable {
  /// UTC since 1970; may jump.
  package let wall: @Sendable () -> Timestamp
  /// Since boot, suspend included; never goes back.
  package let boot: @Sendable () -> Int64

  package init(
    wall: @escaping @Sendable () -> Timestamp, boot: @escaping @Sendable () -> Int64
  ) {
    self.wall = wall
    self.boot = boot
  }

  package static let system = Clocks(
    wall: { Timestamp(milliseconds: Clocks.read(CLOCK_REALTIME)) },
    boot: { Clocks.read(CLOCK_BOOTTIME) })

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}

/// Mints own ids: the shell's part, as the core knows neither clock nor chance.
package enum Mint {
  /// Random bytes fetched ahead, as each fetch is a system call.
  private struct Supply: Sendable {
    var words: [UInt64] = []
  }

  private static let supply = Mutex(Supply())

  package static func ulid(at moment: Timestamp) -> ULID {
    let (high, low) = supply.withLock { supply in
      if supply.words.count < 2 { supply.words = Mint.fetch() }
      return (supply.words.removeLast(), supply.words.removeLast())
    }
    return ULID(at: moment, random: (UInt16(truncatingIfNeeded: high), low))
  }

  /// 32 words from the kernel; from the standard library, word by word, should it refuse.
  private static func fetch() -> [UInt64] {
    var words = [UInt64](repeating: 0, count: 32)
    // 256 bytes is the most that one call gives.
    if words.withUnsafeMutableBytes({ getentropy($0.baseAddress, $0.count) }) == 0 { return words }
    var generator = SystemRandomNumberGenerator()
    return words.map { _ in generator.next() }
  }
}
