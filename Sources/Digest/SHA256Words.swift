/// The eight working words of SHA-256 and the 64 rounds that stir one block into them.
///
/// Source: FIPS 180-4 section 6.2.2. Written out round by round so that all words stay in
/// registers and the constants in the instructions; a loop over arrays is a third slower.
/// This is the oracle that every kernel of CDigest is tested against.
struct SHA256Words {
  var a: UInt32 = 0x6a09_e667
  var b: UInt32 = 0xbb67_ae85
  var c: UInt32 = 0x3c6e_f372
  var d: UInt32 = 0xa54f_f53a
  var e: UInt32 = 0x510e_527f
  var f: UInt32 = 0x9b05_688c
  var g: UInt32 = 0x1f83_d9ab
  var h: UInt32 = 0x5be0_cd19

  /// Takes in whole blocks; `blocks` points at `count` times 64 readable bytes, any alignment.
  @inline(never)
  mutating func absorb(_ blocks: UnsafeRawPointer, count: Int) {
    var block = blocks
    for _ in 0..<count {
      var stirred = self
      var schedule = SHA256Schedule(block)
      stirred.rounds0To15(&schedule)
      stirred.rounds16To31(&schedule)
      stirred.rounds32To47(&schedule)
      stirred.rounds48To63(&schedule)
      a &+= stirred.a
      b &+= stirred.b
      c &+= stirred.c
      d &+= stirred.d
      e &+= stirred.e
      f &+= stirred.f
      g &+= stirred.g
      h &+= stirred.h
      block += 64
    }
  }

  @inline(__always)
  private mutating func rounds0To15(_ w: inout SHA256Schedule) {
    round(a, b, c, &d, e, f, g, &h, 0x428a_2f98, w.w0)
    round(h, a, b, &c, d, e, f, &g, 0x7137_4491, w.w1)
    round(g, h, a, &b, c, d, e, &f, 0xb5c0_fbcf, w.w2)
    round(f, g, h, &a, b, c, d, &e, 0xe9b5_dba5, w.w3)
    round(e, f, g, &h, a, b, c, &d, 0x3956_c25b, w.w4)
    round(d, e, f, &g, h, a, b, &c, 0x59f1_11f1, w.w5)
    round(c, d, e, &f, g, h, a, &b, 0x923f_82a4, w.w6)
    round(b, c, d, &e, f, g, h, &a, 0xab1c_5ed5, w.w7)
    round(a, b, c, &d, e, f, g, &h, 0xd807_aa98, w.w8)
    round(h, a, b, &c, d, e, f, &g, 0x1283_5b01, w.w9)
    round(g, h, a, &b, c, d, e, &f, 0x2431_85be, w.w10)
    round(f, g, h, &a, b, c, d, &e, 0x550c_7dc3, w.w11)
    round(e, f, g, &h, a, b, c, &d, 0x72be_5d74, w.w12)
    round(d, e, f, &g, h, a, b, &c, 0x80de_b1fe, w.w13)
    round(c, d, e, &f, g, h, a, &b, 0x9bdc_06a7, w.w14)
    round(b, c, d, &e, f, g, h, &a, 0xc19b_f174, w.w15)
  }

  @inline(__always)
  private mutating func rounds16To31(_ w: inout SHA256Schedule) {
    round(a, b, c, &d, e, f, g, &h, 0xe49b_69c1, extend(&w.w0, w.w1, w.w9, w.w14))
    round(h, a, b, &c, d, e, f, &g, 0xefbe_4786, extend(&w.w1, w.w2, w.w10, w.w15))
    round(g, h, a, &b, c, d, e, &f, 0x0fc1_9dc6, extend(&w.w2, w.w3, w.w11, w.w0))
    round(f, g, h, &a, b, c, d, &e, 0x240c_a1cc, extend(&w.w3, w.w4, w.w12, w.w1))
    round(e, f, g, &h, a, b, c, &d, 0x2de9_2c6f, extend(&w.w4, w.w5, w.w13, w.w2))
    round(d, e, f, &g, h, a, b, &c, 0x4a74_84aa, extend(&w.w5, w.w6, w.w14, w.w3))
    round(c, d, e, &f, g, h, a, &b, 0x5cb0_a9dc, extend(&w.w6, w.w7, w.w15, w.w4))
    round(b, c, d, &e, f, g, h, &a, 0x76f9_88da, extend(&w.w7, w.w8, w.w0, w.w5))
    round(a, b, c, &d, e, f, g, &h, 0x983e_5152, extend(&w.w8, w.w9, w.w1, w.w6))
    round(h, a, b, &c, d, e, f, &g, 0xa831_c66d, extend(&w.w9, w.w10, w.w2, w.w7))
    round(g, h, a, &b, c, d, e, &f, 0xb003_27c8, extend(&w.w10, w.w11, w.w3, w.w8))
    round(f, g, h, &a, b, c, d, &e, 0xbf59_7fc7, extend(&w.w11, w.w12, w.w4, w.w9))
    round(e, f, g, &h, a, b, c, &d, 0xc6e0_0bf3, extend(&w.w12, w.w13, w.w5, w.w10))
    round(d, e, f, &g, h, a, b, &c, 0xd5a7_9147, extend(&w.w13, w.w14, w.w6, w.w11))
    round(c, d, e, &f, g, h, a, &b, 0x06ca_6351, extend(&w.w14, w.w15, w.w7, w.w12))
    round(b, c, d, &e, f, g, h, &a, 0x1429_2967, extend(&w.w15, w.w0, w.w8, w.w13))
  }

  @inline(__always)
  private mutating func rounds32To47(_ w: inout SHA256Schedule) {
    round(a, b, c, &d, e, f, g, &h, 0x27b7_0a85, extend(&w.w0, w.w1, w.w9, w.w14))
    round(h, a, b, &c, d, e, f, &g, 0x2e1b_2138, extend(&w.w1, w.w2, w.w10, w.w15))
    round(g, h, a, &b, c, d, e, &f, 0x4d2c_6dfc, extend(&w.w2, w.w3, w.w11, w.w0))
    round(f, g, h, &a, b, c, d, &e, 0x5338_0d13, extend(&w.w3, w.w4, w.w12, w.w1))
    round(e, f, g, &h, a, b, c, &d, 0x650a_7354, extend(&w.w4, w.w5, w.w13, w.w2))
    round(d, e, f, &g, h, a, b, &c, 0x766a_0abb, extend(&w.w5, w.w6, w.w14, w.w3))
    round(c, d, e, &f, g, h, a, &b, 0x81c2_c92e, extend(&w.w6, w.w7, w.w15, w.w4))
    round(b, c, d, &e, f, g, h, &a, 0x9272_2c85, extend(&w.w7, w.w8, w.w0, w.w5))
    round(a, b, c, &d, e, f, g, &h, 0xa2bf_e8a1, extend(&w.w8, w.w9, w.w1, w.w6))
    round(h, a, b, &c, d, e, f, &g, 0xa81a_664b, extend(&w.w9, w.w10, w.w2, w.w7))
    round(g, h, a, &b, c, d, e, &f, 0xc24b_8b70, extend(&w.w10, w.w11, w.w3, w.w8))
    round(f, g, h, &a, b, c, d, &e, 0xc76c_51a3, extend(&w.w11, w.w12, w.w4, w.w9))
    round(e, f, g, &h, a, b, c, &d, 0xd192_e819, extend(&w.w12, w.w13, w.w5, w.w10))
    round(d, e, f, &g, h, a, b, &c, 0xd699_0624, extend(&w.w13, w.w14, w.w6, w.w11))
    round(c, d, e, &f, g, h, a, &b, 0xf40e_3585, extend(&w.w14, w.w15, w.w7, w.w12))
    round(b, c, d, &e, f, g, h, &a, 0x106a_a070, extend(&w.w15, w.w0, w.w8, w.w13))
  }

  @inline(__always)
  private mutating func rounds48To63(_ w: inout SHA256Schedule) {
    round(a, b, c, &d, e, f, g, &h, 0x19a4_c116, extend(&w.w0, w.w1, w.w9, w.w14))
    round(h, a, b, &c, d, e, f, &g, 0x1e37_6c08, extend(&w.w1, w.w2, w.w10, w.w15))
    round(g, h, a, &b, c, d, e, &f, 0x2748_774c, extend(&w.w2, w.w3, w.w11, w.w0))
    round(f, g, h, &a, b, c, d, &e, 0x34b0_bcb5, extend(&w.w3, w.w4, w.w12, w.w1))
    round(e, f, g, &h, a, b, c, &d, 0x391c_0cb3, extend(&w.w4, w.w5, w.w13, w.w2))
    round(d, e, f, &g, h, a, b, &c, 0x4ed8_aa4a, extend(&w.w5, w.w6, w.w14, w.w3))
    round(c, d, e, &f, g, h, a, &b, 0x5b9c_ca4f, extend(&w.w6, w.w7, w.w15, w.w4))
    round(b, c, d, &e, f, g, h, &a, 0x682e_6ff3, extend(&w.w7, w.w8, w.w0, w.w5))
    round(a, b, c, &d, e, f, g, &h, 0x748f_82ee, extend(&w.w8, w.w9, w.w1, w.w6))
    round(h, a, b, &c, d, e, f, &g, 0x78a5_636f, extend(&w.w9, w.w10, w.w2, w.w7))
    round(g, h, a, &b, c, d, e, &f, 0x84c8_7814, extend(&w.w10, w.w11, w.w3, w.w8))
    round(f, g, h, &a, b, c, d, &e, 0x8cc7_0208, extend(&w.w11, w.w12, w.w4, w.w9))
    round(e, f, g, &h, a, b, c, &d, 0x90be_fffa, extend(&w.w12, w.w13, w.w5, w.w10))
    round(d, e, f, &g, h, a, b, &c, 0xa450_6ceb, extend(&w.w13, w.w14, w.w6, w.w11))
    round(c, d, e, &f, g, h, a, &b, 0xbef9_a3f7, extend(&w.w14, w.w15, w.w7, w.w12))
    round(b, c, d, &e, f, g, h, &a, 0xc671_78f2, extend(&w.w15, w.w0, w.w8, w.w13))
  }
}

/// The last sixteen words of the message schedule; each is replaced by the word 16 rounds later.
private struct SHA256Schedule {
  var w0: UInt32
  var w1: UInt32
  var w2: UInt32
  var w3: UInt32
  var w4: UInt32
  var w5: UInt32
  var w6: UInt32
  var w7: UInt32
  var w8: UInt32
  var w9: UInt32
  var w10: UInt32
  var w11: UInt32
  var w12: UInt32
  var w13: UInt32
  var w14: UInt32
  var w15: UInt32

  @inline(__always)
  init(_ block: UnsafeRawPointer) {
    w0 = bigEndianWord(block, 0)
    w1 = bigEndianWord(block, 4)
    w2 = bigEndianWord(block, 8)
    w3 = bigEndianWord(block, 12)
    w4 = bigEndianWord(block, 16)
    w5 = bigEndianWord(block, 20)
    w6 = bigEndianWord(block, 24)
    w7 = bigEndianWord(block, 28)
    w8 = bigEndianWord(block, 32)
    w9 = bigEndianWord(block, 36)
    w10 = bigEndianWord(block, 40)
    w11 = bigEndianWord(block, 44)
    w12 = bigEndianWord(block, 48)
    w13 = bigEndianWord(block, 52)
    w14 = bigEndianWord(block, 56)
    w15 = bigEndianWord(block, 60)
  }
}

@inline(__always)
private func bigEndianWord(_ block: UnsafeRawPointer, _ offset: Int) -> UInt32 {
  UInt32(bigEndian: block.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
}

@inline(__always)
private func rotated(_ x: UInt32, _ n: UInt32) -> UInt32 { x &>> n | x &<< (32 &- n) }

/// One round: the letters move from call to call, so only two words are written.
@inline(__always)
private func round(
  _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32,
  _ e: UInt32, _ f: UInt32, _ g: UInt32, _ h: inout UInt32,
  _ constant: UInt32, _ word: UInt32
) {
  let choice = g ^ (e & (f ^ g))
  let majority = (a & b) | (c & (a | b))
  h = h &+ constant &+ word &+ choice &+ (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25))
  d = d &+ h
  h = h &+ majority &+ (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22))
}

/// Moves a schedule word 16 rounds on, given the words 15, 7 and 2 rounds before the new one.
@inline(__always)
private func extend(
  _ word: inout UInt32, _ before15: UInt32, _ before7: UInt32, _ before2: UInt32
) -> UInt32 {
  let small0 = rotated(before15, 7) ^ rotated(before15, 18) ^ before15 &>> 3
  let small1 = rotated(before2, 17) ^ rotated(before2, 19) ^ before2 &>> 10
  word = word &+ before7 &+ small0 &+ small1
  return word
}
