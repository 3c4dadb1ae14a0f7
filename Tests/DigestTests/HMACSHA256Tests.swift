import Digest
import Testing

/// The seven cases of RFC 4231, and the ways to get the same code.
@Suite struct HMACSHA256Tests {
  /// One case of RFC 4231 section 4.
  struct Case: Sendable {
    let number: Int
    let key: [UInt8]
    let message: [UInt8]
    /// In case 5 only the first 16 bytes are given.
    let code: String
  }

  static let cases = [
    Case(
      number: 1, key: [UInt8](repeating: 0x0b, count: 20), message: Array("Hi There".utf8),
      code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    Case(
      number: 2, key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8),
      code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    Case(
      number: 3, key: [UInt8](repeating: 0xaa, count: 20),
      message: [UInt8](repeating: 0xdd, count: 50),
      code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    Case(
      number: 4, key: Array(1...25), message: [UInt8](repeating: 0xcd, count: 50),
      code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    Case(
      number: 5, key: [UInt8](repeating: 0x0c, count: 20),
      message: Array("Test With Truncation".utf8), code: "a3b6167473100ee06e0c796c2955552b"),
    Case(
      number: 6, key: [UInt8](repeating: 0xaa, count: 131),
      message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    Case(
      number: 7, key: [UInt8](repeating: 0xaa, count: 131),
      message: Array(
        ("This is a test using a larger than block-size key and a larger than block-size data. "
          + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
      code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
  ]

  @Test(arguments: cases)
  func `the cases of RFC 4231 hold`(example: Case) {
    let code = HMACSHA256.authenticate(key: example.key, message: example.message).hex
    #expect(code.prefix(example.code.count) == example.code)
  }

  @Test(arguments: cases)
  func `a message in pieces from a copied key has the same code`(example: Case) {
    let keyed = HMACSHA256(key: example.key)
    let whole = HMACSHA256.authenticate(key: example.key, message: example.message)
    for cut in 0...example.message.count {
      var code = keyed
      code.update(Array(example.message[..<cut]))
      example.message[cut...].withUnsafeBytes { code.update($0) }
      #expect(code.finalize() == whole, "cut at \(cut)")
    }
  }

  @Test func `a key of 64 bytes is used as it is, one of 65 is hashed`() {
    let message = Array("m".utf8)
    let key64 = [UInt8](repeating: 7, count: 64)
    let key65 = key64 + [7]
    let padded = HMACSHA256.authenticate(key: SHA256.hash(key64).bytes, message: message)
    #expect(HMACSHA256.authenticate(key: key64, message: message) != padded)
    let hashed = HMACSHA256.authenticate(key: SHA256.hash(key65).bytes, message: message)
    #expect(HMACSHA256.authenticate(key: key65, message: message) == hashed)
  }
}
