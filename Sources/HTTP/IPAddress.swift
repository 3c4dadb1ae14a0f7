import Glibc

/// An IPv4 or IPv6 address as 128 bits; IPv4 is held as `::ffff:a.b.c.d`.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  /// The first eight bytes in network order.
  public let high: UInt64
  /// The last eight bytes in network order.
  public let low: UInt64

  /// An address from its 128 bits in network order.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// An IPv4 address from its 32 bits in network order.
  public init(v4 bits: UInt32) { self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(bits)) }

  /// Reads dotted IPv4 or any IPv6 text form, without brackets, port or zone; nil otherwise.
  public init?(_ text: String) {
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(v4: UInt32(bigEndian: four.s_addr))
      return
    }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    self.init(six)
  }

  init(_ six: in6_addr) {
    (high, low) = withUnsafeBytes(of: six) {
      (
        UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
        UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  /// Whether this is an IPv4 address, also one written as `::ffff:a.b.c.d`.
  public var isV4: Bool { high == 0 && low >> 32 == 0xFFFF }

  /// Whether this is 127.0.0.0/8 or `::1`.
  public var isLoopback: Bool {
    isV4 ? (low >> 24) & 0xFF == 127 : high == 0 && low == 1
  }

  /// The 32 bits of an IPv4 address; meaningless for others.
  var v4Bits: UInt32 { UInt32(truncatingIfNeeded: low) }

  var v6: in6_addr {
    var result = in6_addr()
    withUnsafeMutableBytes(of: &result) {
      $0.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
      $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    return result
  }

  /// The usual text form (RFC 5952 for IPv6).
  public var description: String {
    if isV4 {
      return "\(low >> 24 & 255).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)"
    }
    var address = v6
    let room = Int(INET6_ADDRSTRLEN)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { buffer in
      guard let base = buffer.baseAddress,
        let text = inet_ntop(AF_INET6, &address, base, socklen_t(room))
      else { return "::" }
      return String(cString: text)
    }
  }
}

/// A block of addresses such as `10.0.0.0/8`, or one address.
public struct AddressBlock: Hashable, Sendable {
  /// Any address of the block; the bits behind the prefix do not count.
  public let address: IPAddress
  /// Leading bits that must agree, counted over 128 (an IPv4 /8 is 104).
  public let prefixBits: Int

  /// Reads `address` or `address/bits`; nil when malformed.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(String(parts[0])) else { return nil }
    self.address = address
    guard parts.count == 2 else {
      prefixBits = 128
      return
    }
    let digits = parts[1].utf8
    guard (1...3).contains(digits.count), digits.allSatisfy(ByteClass.isDigit),
      let bits = Int(parts[1])
    else { return nil }
    let isV4Text = !parts[0].utf8.contains(ByteClass.colon)
    guard bits <= (isV4Text ? 32 : 128) else { return nil }
    prefixBits = isV4Text ? bits + 96 : bits
  }

  /// Whether the address lies in the block; IPv4 is compared in its mapped form.
  public func contains(_ other: IPAddress) -> Bool {
    if prefixBits == 0 { return true }
    if prefixBits <= 64 {
      let shift = UInt64(64 - prefixBits)
      return other.high >> shift == address.high >> shift
    }
    let shift = UInt64(128 - prefixBits)
    return other.high == address.high && other.low >> shift == address.low >> shift
  }
}
