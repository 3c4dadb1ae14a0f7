import Digest
import JSON
import Rails
import Testing

/// Macaroons against the bytes of other people's libraries, and every way to be none.
@Suite struct L402MacaroonTests {
  private func fault(_ bytes: [UInt8]) -> MacaroonFault? {
    do throws(MacaroonFault) {
      _ = try Macaroon(binary: bytes)
      return nil
    } catch {
      return error
    }
  }

  /// Root 32 zeros, location `lsat`, identifier `test-id`, caveat `account=12345`.
  private let short =
    "0201046c7361740207746573742d696400020d6163636f756e743d3132333435"
    + "0000062027682fa644ce1b94922b6d84d57d111a1d784093b548be9a9d6fdb809b06a001"

  @Test func `the short vector is made byte for byte`() throws {
    let made = try Macaroon(
      rootKey: [UInt8](repeating: 0, count: 32), identifier: Array("test-id".utf8),
      location: Array("lsat".utf8)
    ).adding(Array("account=12345".utf8))
    #expect(Hex.encode(made.binary) == short)
    #expect(try Macaroon(binary: bytes(short)) == made)
  }

  @Test(arguments: MacaroonVector.all)
  func `a vector is made, read and written byte for byte`(vector: MacaroonVector) throws {
    let hash = try bytes(vector.paymentHash)
    let identifier = try [0, 0] + hash + bytes(vector.tokenID)
    var made = try Macaroon(
      rootKey: bytes(vector.rootKey), identifier: identifier,
      location: Array(vector.location.utf8))
    #expect(made.signature.hex == vector.signatures[0])
    for (caveat, signature) in zip(vector.caveats, vector.signatures.dropFirst()) {
      made = try made.adding(Array(caveat.utf8))
      #expect(made.signature.hex == signature)
    }
    #expect(Hex.encode(made.binary) == vector.hex)
    #expect(Base64.encode(made.binary) == vector.base64)
    let read = try Macaroon(binary: bytes(vector.hex))
    #expect(read == made)
    #expect(read.binary == made.binary)
    #expect(read.caveats == vector.caveats.map { Array($0.utf8) })
    #expect(read.isSigned(by: try bytes(vector.rootKey)))
    let preimage = try #require(Preimage(bytes: bytes(vector.preimage)))
    #expect(preimage.paymentHash.hex == vector.paymentHash)
    #expect(try L402Identifier(binary: read.identifier).paymentHash == preimage.paymentHash)
    #expect(try L402Identifier(binary: read.identifier).tokenID == bytes(vector.tokenID))
  }

  @Test func `a location that is left out stays left out, an empty one stays empty`() throws {
    let vector = MacaroonVector.all[3]
    let inGo = try Macaroon(binary: bytes(MacaroonVector.hexOfLongInGo))
    #expect(inGo.location == nil)
    #expect(Hex.encode(inGo.binary) == MacaroonVector.hexOfLongInGo)
    #expect(inGo.isSigned(by: try bytes(vector.rootKey)))
    #expect(try Macaroon(binary: bytes(vector.hex)).location == [])
  }

  @Test func `a root key with one other bit, and the underived chain, sign nothing`() throws {
    for vector in MacaroonVector.all {
      let macaroon = try Macaroon(binary: bytes(vector.hex))
      let key = try bytes(vector.rootKey)
      for bit in 0..<256 {
        var other = key
        other[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(!macaroon.isSigned(by: other))
      }
    }
    let underived = HMACSHA256.authenticate(
      key: [UInt8](repeating: 0, count: 32), message: Array("test-id".utf8))
    var binary = try Array(bytes(short).dropLast(32))
    binary +=
      HMACSHA256.authenticate(
        key: underived.bytes, message: Array("account=12345".utf8)
      ).bytes
    #expect(Hex.encode(binary).hasSuffix("8a79"))
    #expect(try !Macaroon(binary: binary).isSigned(by: [UInt8](repeating: 0, count: 32)))
  }

  @Test func `every beginning of a macaroon is truncated, every byte behind it one too many`()
    throws
  {
    for vector in MacaroonVector.all {
      let whole = try bytes(vector.hex)
      for count in whole.indices { #expect(fault(Array(whole[..<count])) == .truncated) }
      #expect(fault(whole + [0]) == .trailingBytes)
      #expect(fault(whole + whole) == .trailingBytes)
    }
  }

  private static let signature = "0620" + String(repeating: "ab", count: 32)

  @Test(
    arguments: [
      ("", .truncated), ("01", .version), ("03", .version), ("30", .version), ("00", .version),
      ("0203", .order), ("0205", .order), ("02ff", .order), ("0200", .order), ("020400", .order),
      ("020600", .order), ("0201000100", .order), ("02010000", .order), ("02020141020142", .order),
      ("020201410600", .order), ("02020141000600", .order), ("02020141000400", .order),
      ("0202014100010161", .thirdParty), ("0202014100020162040163", .thirdParty),
      ("0202014100020162020163", .order), ("02020141000201620600", .order),
      ("020201410000020162", .order), ("02020141000000", .order), ("0202014100000101", .truncated),
      ("020201410000061f" + String(repeating: "ab", count: 31), .signatureLength),
      ("0202014100000621" + String(repeating: "ab", count: 33), .signatureLength),
      ("02020141000006", .truncated), ("02028100410000" + signature, .paddedLength),
      ("0202818000410000" + signature, .paddedLength), ("02028000", .paddedLength),
      ("020280808080", .truncated), ("0202ffffffff07", .truncated), ("0202ffffffff08", .tooLong),
      ("02028080808080", .tooLong), ("0202ffffffffffffffffff01", .tooLong),
      ("0202ffffffff00", .paddedLength),
      ("02020141000000" + signature, .order), ("020201410000" + signature + "00", .trailingBytes),
      ("7b", .version),
    ] as [(String, MacaroonFault)])
  func `what is no macaroon says why`(hex: String, expected: MacaroonFault) throws {
    #expect(fault(try bytes(hex)) == expected)
  }

  @Test func `the smallest macaroon has no caveat and an empty identifier`() throws {
    for hex in ["0202000000", "020100020000" + "00", "02020141000201620000", "020201410002000000"] {
      let binary = try bytes(hex + Self.signature)
      #expect(try Macaroon(binary: binary).binary == binary)
    }
  }

  @Test func `lengths of 127 and 128 bytes take one and two bytes`() throws {
    for (count, length) in [(127, "7f"), (128, "8001"), (129, "8101")] {
      let made = try Macaroon(
        rootKey: [1], identifier: [UInt8](repeating: 0x41, count: count), location: nil)
      #expect(Hex.encode(made.binary).hasPrefix("0202" + length + "41"))
      #expect(try Macaroon(binary: made.binary) == made)
    }
  }

  @Test func `64 caveats and 8192 bytes are made and read, one more is not`() throws {
    var full = try Macaroon(rootKey: [1], identifier: [2], location: nil)
    for _ in 0..<64 { full = try full.adding([3]) }
    #expect(try Macaroon(binary: full.binary) == full)
    #expect(throws: MacaroonFault.tooManyCaveats) { try full.adding([3]) }
    let tail = full.binary.suffix(35)
    #expect(
      fault(Array(full.binary.dropLast(35)) + [2, 1, 3, 0] + tail) == .tooManyCaveats)

    // 2, packet of identifier, 0, 0, packet of signature: 8192 bytes in all.
    let room = 8_192 - 3 - 34 - 3
    let longest = try Macaroon(
      rootKey: [1], identifier: [UInt8](repeating: 4, count: room), location: nil)
    #expect(longest.binary.count == 8_192)
    #expect(try Macaroon(binary: longest.binary) == longest)
    #expect(fault(longest.binary + [0]) == .tooLong)
    #expect(throws: MacaroonFault.tooLong) {
      try Macaroon(
        rootKey: [1], identifier: [UInt8](repeating: 4, count: room + 1), location: nil)
    }
    #expect(throws: MacaroonFault.tooLong) { try longest.adding([]) }
    // A caveat of n bytes takes n + 3 or, from 128 on, n + 4.
    let base = try Macaroon(
      rootKey: [1], identifier: [UInt8](repeating: 4, count: room - 204), location: nil)
    #expect(try base.adding([UInt8](repeating: 5, count: 200)).binary.count == 8_192)
    #expect(throws: MacaroonFault.tooLong) {
      try base.adding([UInt8](repeating: 5, count: 201))
    }
  }

  @Test func `a description, a dump and a mirror of secrets say nothing`() throws {
    let paid = try PaidInvoice()
    let macaroon = try paid.token(["services=svc_a:0"])
    var dumped = ""
    dump(macaroon, to: &dumped)
    dump(paid.preimage, to: &dumped)
    dump(paid.secret, to: &dumped)
    dump(paid.ring, to: &dumped)
    dump(try paid.credential([]).preimage, to: &dumped)
    dumped += "\(macaroon) \(paid.preimage) \(paid.secret) \(paid.ring)"
    dumped += String(reflecting: paid.ring) + String(reflecting: macaroon)
    for secret in ["114", "signature", "word0", "[7, 25", "ring-secret"] {
      #expect(!dumped.contains(secret), "\(secret) in \(dumped)")
    }
    #expect(dumped.contains("l402-1"))
  }
}
