/// One file of the simulated disk: what is durable, what a reader sees, and what lies between.
struct SimulatedFile: Sendable {
  /// A change that no sync has made durable yet.
  private enum Change: Sendable {
    case write(offset: Int, bytes: [UInt8])
    case truncate(Int)
  }

  /// What a reader sees: the page cache.
  private(set) var visible: [UInt8] = []
  private(set) var durable: [UInt8] = []
  private var pending: [Change] = []
  /// Permission bits; durable at once, as nothing depends on their order.
  var mode: UInt32 = 0o640

  private static let sector = 512

  mutating func write(_ bytes: [UInt8], at offset: Int) {
    SimulatedFile.put(bytes, at: offset, into: &visible)
    pending.append(.write(offset: offset, bytes: bytes))
  }

  mutating func truncate(to count: Int) {
    SimulatedFile.cut(&visible, to: count)
    pending.append(.truncate(count))
  }

  mutating func sync() {
    for change in pending { SimulatedFile.perform(change, on: &durable) }
    pending.removeAll()
  }

  /// A sync that fails: some of the changes reach the disk, the rest never will, and the cache
  /// shows all of them as clean.
  mutating func failSync(_ random: inout SplitMix64) {
    settle(&random)
    pending.removeAll()
  }

  /// The power goes: the cache is gone, and of the pending changes any part may have arrived.
  mutating func cutPower(_ random: inout SplitMix64) {
    settle(&random)
    pending.removeAll()
    visible = durable
  }

  /// Lets a random part of the pending changes reach the disk.
  private mutating func settle(_ random: inout SplitMix64) {
    switch random.below(4) {
    case 0: break
    case 1: sync()
    case 2: settlePrefix(&random)
    default: settleSectors(&random)
    }
  }

  /// The first changes arrive in order, the last of them torn at any byte.
  private mutating func settlePrefix(_ random: inout SplitMix64) {
    guard !pending.isEmpty else { return }
    let whole = random.below(pending.count)
    for change in pending[..<whole] { SimulatedFile.perform(change, on: &durable) }
    guard case .write(let offset, let bytes) = pending[whole] else { return }
    let torn = Array(bytes.prefix(random.below(bytes.count + 1)))
    SimulatedFile.put(torn, at: offset, into: &durable)
  }

  /// Each sector of each change arrives or not, in any order; the size may arrive without data.
  private mutating func settleSectors(_ random: inout SplitMix64) {
    let odds = 2 + random.below(3)
    for change in pending {
      guard case .write(let offset, let bytes) = change else {
        if random.once(in: odds) { SimulatedFile.perform(change, on: &durable) }
        continue
      }
      if random.once(in: 4) && durable.count < offset + bytes.count {
        SimulatedFile.cut(&durable, to: offset + bytes.count)
      }
      var start = 0
      while start < bytes.count {
        let edge = (offset + start) / SimulatedFile.sector * SimulatedFile.sector
        let end = min(bytes.count, edge + SimulatedFile.sector - offset)
        if random.once(in: odds) {
          SimulatedFile.put(Array(bytes[start..<end]), at: offset + start, into: &durable)
        }
        start = end
      }
    }
  }

  private static func perform(_ change: Change, on bytes: inout [UInt8]) {
    switch change {
    case .write(let offset, let piece): put(piece, at: offset, into: &bytes)
    case .truncate(let count): cut(&bytes, to: count)
    }
  }

  private static func put(_ piece: [UInt8], at offset: Int, into bytes: inout [UInt8]) {
    guard !piece.isEmpty else { return }
    if bytes.count < offset + piece.count { cut(&bytes, to: offset + piece.count) }
    bytes.replaceSubrange(offset..<offset + piece.count, with: piece)
  }

  /// Shortens, or lengthens with zeros, as `ftruncate` does.
  private static func cut(_ bytes: inout [UInt8], to count: Int) {
    if count < bytes.count {
      bytes.removeLast(bytes.count - count)
    } else {
      bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
    }
  }
}
