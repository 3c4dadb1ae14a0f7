/// How long payments took, in buckets; order-free.
public struct LatencyHistogram: Equatable, Sendable {
  /// Upper bounds in milliseconds; a last bucket takes the rest.
  public static let bounds: [Int64] = [
    50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000,
  ]
  /// One more than the bounds.
  public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
  /// Sum of all, in milliseconds.
  public private(set) var sum: Int128 = 0

  /// Takes in one latency, 0 or more milliseconds; a bucket holds what is not above its bound.
  mutating func add(_ milliseconds: Int64) {
    let bucket =
      LatencyHistogram.bounds.firstIndex { milliseconds <= $0 } ?? LatencyHistogram.bounds.count
    counts[bucket] += 1
    sum = sum.addingClamped(Int128(milliseconds))
  }

  mutating func merge(_ other: LatencyHistogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    sum = sum.addingClamped(other.sum)
  }

  func feed(into sink: inout StateSink) {
    for count in counts { sink.word(count) }
    sink.wide(sum)
  }
}
