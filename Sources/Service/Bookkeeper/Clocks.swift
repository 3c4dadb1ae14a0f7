internal import Glibc
package import Ledger

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
  package static func ulid(at moment: Timestamp) -> ULID {
    var random = (UInt16(0), UInt64(0))
    var generator = SystemRandomNumberGenerator()
    random.0 = generator.next()
    random.1 = generator.next()
    return ULID(at: moment, random: random)
  }
}
