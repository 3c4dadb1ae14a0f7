import Journal

/// Makes new inputs out of sound ones: byte by byte, and by pieces that mean something.
struct FuzzMutation {
  /// The longest input, in bytes.
  static let limit = 262_144

  private let corpus: [[UInt8]]
  private let tokens: [[UInt8]]

  init(_ target: FuzzTarget) {
    corpus = target.corpus.map { Array($0.utf8) }
    tokens = target.tokens.map { Array($0.utf8) }
  }

  /// The next input; the same for the same numbers.
  func input(_ random: inout SplitMix64) -> [UInt8] {
    var bytes = corpus[random.below(corpus.count)]
    let changes = [0, 1, 1, 2, 3, 5, 12][random.below(7)]
    for _ in 0..<changes { change(&bytes, &random) }
    return Array(bytes.prefix(FuzzMutation.limit))
  }

  private func change(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    let place = random.below(bytes.count + 1)
    let length = random.below(min(bytes.count - place, 1 << random.below(8)) + 1)
    let range = place..<place + length
    switch random.below(11) {
    case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8(random.below(8)) }
    case 1: if place < bytes.count { bytes[place] = UInt8(random.below(256)) }
    case 2: bytes.removeSubrange(range)
    case 3: bytes.insert(contentsOf: bytes[range], at: place)
    case 4: bytes.insert(contentsOf: tokens[random.below(tokens.count)], at: place)
    case 5: bytes.replaceSubrange(range, with: tokens[random.below(tokens.count)])
    case 6: bytes.removeSubrange(place...)
    case 7: splice(&bytes, at: place, &random)
    case 8: digit(&bytes, from: place, &random)
    case 9:
      // Many times over: depth, counts and lengths.
      let token = tokens[random.below(tokens.count)]
      let times = 1 << random.below(12)
      let many = Array(repeatElement(token, count: times).joined().prefix(FuzzMutation.limit))
      bytes.insert(contentsOf: many, at: place)
    default: bytes.swapAt(range, &random)
    }
  }

  /// Goes on as another sound input does.
  private func splice(_ bytes: inout [UInt8], at place: Int, _ random: inout SplitMix64) {
    let other = corpus[random.below(corpus.count)]
    bytes.removeSubrange(place...)
    bytes.append(contentsOf: other[random.below(other.count + 1)...])
  }

  /// Changes the next digit to another one: numbers, lengths, times and hashes stay of their form.
  private func digit(_ bytes: inout [UInt8], from place: Int, _ random: inout SplitMix64) {
    guard let index = bytes[place...].firstIndex(where: { (0x30...0x39).contains($0) }) else {
      return
    }
    bytes[index] = 0x30 + UInt8(random.below(10))
  }
}

extension [UInt8] {
  /// Swaps two pieces of the same length, the second behind the first.
  fileprivate mutating func swapAt(_ range: Range<Int>, _ random: inout SplitMix64) {
    let rest = count - range.upperBound
    guard !range.isEmpty, rest >= range.count else { return }
    let other = range.upperBound + random.below(rest - range.count + 1)
    for offset in 0..<range.count { swapAt(range.lowerBound + offset, other + offset) }
  }
}
