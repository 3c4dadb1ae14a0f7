import JSON

/// The words of three texts: the same ones mean the same parties while these are held.
struct PartyBits: Equatable, Sendable {
  private let agent: (UInt64, UInt64)
  private let vendor: (UInt64, UInt64)
  private let network: (UInt64, UInt64)

  static let none = PartyBits()

  private init() {
    agent = (0, 0)
    vendor = (0, 0)
    network = (0, 0)
  }

  @inline(__always)
  init(_ names: PaymentParties) {
    agent = names.agent.bits
    vendor = names.vendor.bits
    network = names.network.name.bits
  }

  @inline(__always)
  static func == (left: PartyBits, right: PartyBits) -> Bool {
    let agents = left.agent.0 ^ right.agent.0 | left.agent.1 ^ right.agent.1
    let vendors = left.vendor.0 ^ right.vendor.0 | left.vendor.1 ^ right.vendor.1
    let networks = left.network.0 ^ right.network.0 | left.network.1 ^ right.network.1
    return agents | vendors | networks == 0
  }

  /// Spreads the words over an index.
  @inline(__always)
  var hash: Int {
    let first = (agent.0 &+ vendor.1 &* 31 &+ network.0) ^ 0x9E37_79B9_7F4A_7C15
    let second = (agent.1 &* 127 &+ vendor.0 &+ network.1) ^ 0xE703_7ED1_A0B4_28DB
    let product = first.multipliedFullWidth(by: second)
    return Int(truncatingIfNeeded: product.high ^ product.low)
  }
}

/// Remembers the numbers of parties by where their texts lie, so that names which share their
/// memory, as a decoder's do, are not read again.
///
/// Holds the texts that it knows, so no other text can come to lie there. What it knows is a
/// matter of speed only.
struct PartyMemo: Sendable {
  private static let longest = 4_096

  private var bits: [PartyBits] = []
  private var numbers: [UInt32] = []
  private var held: [PaymentParties] = []

  /// The number kept for these very texts; nil when it is not among them.
  @inline(__always)
  func find(_ wanted: PartyBits) -> UInt32? {
    guard !bits.isEmpty else { return nil }
    let slot = wanted.hash & (bits.count - 1)
    return bits[slot] == wanted ? numbers[slot] : nil
  }

  /// Keeps a number in place of what had the same slot; begins again when there are many parties.
  mutating func keep(
    _ names: PaymentParties, _ wanted: PartyBits, as number: UInt32, outOf count: Int
  ) {
    if bits.count < min(2 * count, PartyMemo.longest) {
      let size = max(64, bits.count * 2)
      bits = Array(repeating: .none, count: size)
      numbers = Array(repeating: 0, count: size)
      held = Array(repeating: names, count: size)
    }
    let slot = wanted.hash & (bits.count - 1)
    bits[slot] = wanted
    numbers[slot] = number
    held[slot] = names
  }
}
