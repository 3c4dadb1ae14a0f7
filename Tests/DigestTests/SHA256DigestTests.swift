import Digest
import Testing

/// The digest as a value: bytes, digits, and what is refused.
@Suite struct SHA256DigestTests {
  private let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test func `bytes and digits read back to the same digest`() {
    let digest = SHA256.hash(Array("abc".utf8))
    #expect(digest.hex == abc)
    #expect(parse(abc) == digest)
    #expect(digest.bytes.withUnsafeBytes { SHA256Digest(bytes: $0) } == digest)
    #expect(Hex.encode(digest.bytes) == abc)
  }

  @Test func `zero is 64 zeros`() {
    #expect(SHA256Digest.zero.hex == String(repeating: "0", count: 64))
    #expect(parse(String(repeating: "0", count: 64)) == .zero)
    #expect(SHA256Digest.zero.bytes == [UInt8](repeating: 0, count: 32))
  }

  @Test func `digits are written where asked and nowhere else`() {
    let digest = SHA256.hash(Array("abc".utf8))
    var buffer = [UInt8](repeating: 0x2e, count: 70)
    buffer.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      digest.writeHex(into: start + 3)
    }
    #expect(String(decoding: buffer, as: UTF8.self) == "..." + abc + "...")
  }

  @Test func `every byte that is not a lower-case digit is refused at every place`() {
    let digits = Set("0123456789abcdef".utf8)
    for place in 0..<64 {
      for byte in UInt8.min...UInt8.max {
        var text = Array(abc.utf8)
        text[place] = byte
        let digest = text.withUnsafeBytes { SHA256Digest(hex: $0) }
        if digits.contains(byte) {
          #expect(digest?.hex == String(decoding: text, as: UTF8.self))
        } else {
          #expect(digest == nil, "byte \(byte) at \(place)")
        }
      }
    }
  }

  @Test(arguments: [0, 1, 32, 63, 65, 128])
  func `digits of any other number are refused`(count: Int) {
    #expect(parse(String(repeating: "a", count: count)) == nil)
  }

  @Test(arguments: [0, 31, 33, 64])
  func `bytes of any other number are refused`(count: Int) {
    let bytes = [UInt8](repeating: 1, count: count)
    #expect(bytes.withUnsafeBytes { SHA256Digest(bytes: $0) } == nil)
  }

  private func parse(_ text: String) -> SHA256Digest? {
    Array(text.utf8).withUnsafeBytes { SHA256Digest(hex: $0) }
  }
}
