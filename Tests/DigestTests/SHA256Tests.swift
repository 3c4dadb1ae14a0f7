import Digest
import Testing

/// SHA-256 of one message, by the processor's instructions where there are any and by pure Swift.
@Suite struct SHA256Tests {
  /// FIPS 180-4 and the NIST example values that belong to it.
  static let standard: [(message: String, digest: String)] = [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
        + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ]

  /// Computed by another implementation: the first n bytes of 1, 8, 15, ... modulo 256.
  static let samples: [(count: Int, digest: String)] = [
    (1, "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a"),
    (55, "16fa57a0a3423a715d594516339f36189d6b5f93754a9714fef202616a9fabfe"),
    (56, "c37b44e5f1b18554b36966f4f8e08bfbf3164c4b6c10374d12d89850892073c5"),
    (63, "bbba992d2c85af960fb2987a1fd05e0aa82a3db3c740dd8982a9e273b75e36a3"),
    (64, "66bd4633ed6f71c4ecfa4763bf7ba1c8ec7612de9aa6c0578a7b675207c71e0b"),
    (65, "9f7dc47107b750a1f3d35db5d9547f24ef40da5b731b9540d4f43710a154f6c9"),
    (119, "a3ed307b730fa77c07531300c6e4a282330011d4d4caf6bb7b63ae05950f4b66"),
    (120, "8e3b15d9fea7472655aa069620b7f8c2e55ee1499f763200a7515fe826e99d20"),
    (300, "b1b36f51f514d11c6cd3a9656327f180209d503961ff0616db46cf88921deb28"),
  ]

  @Test(arguments: [true, false])
  func `the standard's examples give the standard's digests`(accelerated: Bool) {
    for (message, digest) in Self.standard {
      var sha = SHA256(accelerated: accelerated)
      sha.update(utf8: message)
      #expect(sha.finalize().hex == digest, "\(message)")
    }
  }

  @Test func `the one-call form gives the standard's digests`() {
    for (message, digest) in Self.standard {
      #expect(SHA256.hash(Array(message.utf8)).hex == digest, "\(message)")
    }
  }

  @Test(arguments: [true, false])
  func `one million a gives the standard's digest in pieces of any size`(accelerated: Bool) {
    for size in [1, 63, 64, 65, 1_000, 1_000_000] {
      var sha = SHA256(accelerated: accelerated)
      var left = 1_000_000
      while left > 0 {
        let count = min(size, left)
        sha.update([UInt8](repeating: UInt8(ascii: "a"), count: count))
        left -= count
      }
      let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      #expect(sha.finalize().hex == expected, "pieces of \(size)")
    }
  }

  @Test(arguments: [true, false])
  func `lengths around the block edges agree with another implementation`(accelerated: Bool) {
    let bytes = patternBytes(512)
    for (count, digest) in Self.samples {
      var sha = SHA256(accelerated: accelerated)
      sha.update(Array(bytes[..<count]))
      #expect(sha.finalize().hex == digest, "\(count) bytes")
    }
  }

  @Test(arguments: [true, false])
  func `all lengths from 0 to 300 agree with another implementation`(accelerated: Bool) {
    let bytes = patternBytes(512)
    var all = SHA256(accelerated: accelerated)
    for count in 0...300 {
      var sha = SHA256(accelerated: accelerated)
      sha.update(Array(bytes[..<count]))
      all.update(sha.finalize().bytes)
    }
    let expected = "bb7d6d0d6592ab7edb752459c835ecac860ed253b337ce29b780d8e0bb3a76d5"
    #expect(all.finalize().hex == expected)
  }

  @Test(arguments: [true, false])
  func `a message cut in two anywhere has the digest of the whole`(accelerated: Bool) {
    let bytes = patternBytes(200)
    let whole = SHA256.hash(bytes)
    for cut in 0...bytes.count {
      var sha = SHA256(accelerated: accelerated)
      sha.update(Array(bytes[..<cut]))
      sha.update(Array(bytes[cut...]))
      #expect(sha.finalize() == whole, "cut at \(cut)")
    }
  }

  @Test func `a copy taken half-way does not disturb the original`() {
    var original = SHA256()
    original.update(utf8: "ab")
    var copy = original
    copy.update(utf8: "d")
    original.update(utf8: "c")
    #expect(original.finalize() == SHA256.hash(Array("abc".utf8)))
    #expect(copy.finalize() == SHA256.hash(Array("abd".utf8)))
  }

  @Test func `the chain step hashes the prefix followed by the body`() {
    let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: 64)
    let line = Array(#"{"seq":1,"type":"ledger.opened""#.utf8)
    let digest = zeros.withUnsafeBytes { prefix in
      line.withUnsafeBytes { SHA256.hash(prefix: prefix, body: $0) }
    }
    let expected = "8e804b2731f229b50d3b736559c04a8e1dc11d28ad8187d39fe53813db5719a2"
    #expect(digest.hex == expected)
  }
}

/// The bytes 1, 8, 15, ... modulo 256, which the samples were made from.
func patternBytes(_ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
}
