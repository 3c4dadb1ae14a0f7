/// Short texts as words, and hashes of them.
enum Words {
  /// The words of at most 32 bytes: with the length they tell two texts apart. They overlap where
  /// the text is no multiple of 8 long; 8 bytes must be readable.
  @inline(__always)
  static func load(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> SIMD4<UInt64> {
    let raw = UnsafeRawPointer(bytes)
    var words = SIMD4<UInt64>()
    let last = max(0, length &- 8)
    // A shift by 64 gives zero with the smart operator, so no branch is needed.
    let mask = ~(UInt64.max << UInt64(min(8, length) &* 8))
    for index in 0..<4 {
      let start = index == 3 ? last : min(last, index &* 8)
      let word = raw.loadUnaligned(fromByteOffset: start, as: UInt64.self)
      words[index] = UInt64(littleEndian: word) & mask
    }
    return words
  }

  @inline(__always)
  static func mix(_ words: SIMD4<UInt64>, _ length: Int) -> Int {
    let left = fold(words[0] ^ 0x9E37_79B9_7F4A_7C15, words[1] ^ 0xE703_7ED1_A0B4_28DB)
    let right = fold(
      words[2] ^ UInt64(truncatingIfNeeded: length), words[3] ^ 0x5899_65CC_7537_4CC3)
    let folded = left ^ right
    return Int(truncatingIfNeeded: folded ^ (folded &>> 32))
  }

  @inline(__always)
  static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}

/// A hash of 128 bits under a seed that strangers do not know.
///
/// Two different texts with one hash make a log look illegal, and then it is folded in full: they
/// cost time, never a wrong answer.
struct Hash128: Hashable {
  var low: UInt64
  var high: UInt64

  /// The state of a hash in progress, begun with this process's seed.
  static let seed = Hash128(
    low: UInt64.random(in: 0 ... .max) | 1, high: UInt64.random(in: 0 ... .max) | 1)

  /// Of bytes; 8 must be readable behind them.
  @inline(__always)
  init(of bytes: UnsafeBufferPointer<UInt8>, seed: Hash128) {
    guard bytes.count <= 32, let base = bytes.baseAddress else {
      self = seed
      take(bytes)
      return
    }
    // Pairs of words that do not wait for each other; every factor hides a secret.
    let words = Words.load(base, bytes.count)
    let (first, second) = (seed.low &+ UInt64(truncatingIfNeeded: bytes.count), seed.high)
    let (third, fourth) = (seed.low ^ (seed.high &>> 1), seed.high &+ (seed.low &<< 1))
    low =
      Words.fold(words[0] ^ first, words[1] ^ second)
      &+ Words.fold(words[2] ^ third, words[3] ^ fourth)
    high =
      Words.fold(words[0] ^ fourth, words[3] ^ first)
      &+ Words.fold(words[1] ^ third, words[2] ^ second)
  }

  init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// Takes in bytes; 8 must be readable behind them.
  @inline(__always)
  mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let base = bytes.baseAddress else { return }
    let raw = UnsafeRawPointer(base)
    var index = 0
    while index < bytes.count {
      let rest = bytes.count &- index
      var word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if rest < 8 { word &= ~(UInt64.max << UInt64(rest &* 8)) }
      take(word)
      index &+= 8
    }
    take(UInt64(truncatingIfNeeded: bytes.count))
  }

  @inline(__always)
  mutating func take(_ word: UInt64) {
    low = Words.fold(low ^ word, 0x9E37_79B9_7F4A_7C15 ^ high)
    high = Words.fold(high ^ word, 0xD6E8_FEB8_6659_FD93) &+ low
  }
}
