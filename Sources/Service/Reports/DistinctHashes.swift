/// Hashes that must all be different. Of each only 64 bits are kept: two that are equal there cost
/// time, as all equal hashes do.
///
/// They are only collected, and compared at the end bucket by bucket: one table for all of them
/// would miss the cache on every record.
struct DistinctHashes {
  private var hashes: [UInt64] = []

  /// Hashes that share a bucket, about; their table fits the first-level cache.
  private static let bucket = 512

  mutating func add(_ hash: Hash128) { hashes.append(hash.low) }

  /// Whether no two are equal.
  var areDistinct: Bool {
    var buckets = 1
    while buckets * DistinctHashes.bucket < hashes.count { buckets *= 2 }
    var ends = [Int](repeating: 0, count: buckets + 1)
    for hash in hashes { ends[DistinctHashes.bucket(of: hash, buckets) + 1] += 1 }
    for index in 1...buckets { ends[index] += ends[index - 1] }
    var sorted = [UInt64](repeating: 0, count: hashes.count)
    for hash in hashes {
      let bucket = DistinctHashes.bucket(of: hash, buckets)
      sorted[ends[bucket]] = hash
      ends[bucket] += 1
    }
    var start = 0
    for bucket in 0..<buckets {
      guard DistinctHashes.areDistinct(sorted, start..<ends[bucket]) else { return false }
      start = ends[bucket]
    }
    return true
  }

  private static func areDistinct(_ sorted: [UInt64], _ range: Range<Int>) -> Bool {
    var count = 16
    while count < range.count * 2 { count *= 2 }
    // Index in the range + 1; 0 is free.
    var slots = [UInt32](repeating: 0, count: count)
    for index in range {
      var slot = Int(truncatingIfNeeded: sorted[index] &>> 32) & (count - 1)
      while slots[slot] != 0 {
        if sorted[range.lowerBound + Int(slots[slot]) - 1] == sorted[index] { return false }
        slot = (slot + 1) & (count - 1)
      }
      slots[slot] = UInt32(truncatingIfNeeded: index - range.lowerBound + 1)
    }
    return true
  }

  /// The bucket of a hash among a power of two of them.
  @inline(__always)
  private static func bucket(of hash: UInt64, _ count: Int) -> Int {
    Int(truncatingIfNeeded: hash) & (count &- 1)
  }
}
