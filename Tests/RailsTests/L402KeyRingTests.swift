import Digest
import JSON
import Rails
import Testing

/// Identifiers, derived keys and preimages; the expected values come from Python's hmac.
@Suite struct L402KeyRingTests {
  private let minted =
    "AgEEbHNhdAJCAADptS3GFNO4vlxKKFMbaTJSCdMP2sFERLrtyNhn+QEVfgABAgMEBQYHCAkKCwwNDg8QERITFBUW"
    + "FxgZGhscHR4fAAIQc2VydmljZXM9c3ZjX2E6MAACHXN2Y19hX2NhcGFiaWxpdGllcz1yZWFkLHdyaXRlAAIcc3Zj"
    + "X2FfdmFsaWRfdW50aWw9MTg5MzQ1NjAwMAAABiB+Ns6ETn066i+rO67E0mYSRQIKcvODExIVGQch7CXZcw=="

  @Test func `a preimage is found again from key id and invoice id alone`() throws {
    let ring = try PaidInvoice().ring
    let preimage = ring.preimage(invoiceID: "inv_01JDX", keyID: "l402-1")
    #expect(
      preimage.map { Hex.encode($0.reveal()) }
        == "07193a462bfe0cd602cd8a941ca1bef47814b89229ba86c20da8fd63f529e506")
    #expect(
      preimage?.paymentHash.hex
        == "e9b52dc614d3b8be5c4a28531b69325209d30fdac14444baedc8d867f901157e")
    let older = ring.preimage(invoiceID: "inv_01JDX", keyID: "l402-0")
    #expect(
      older.map { Hex.encode($0.reveal()) }
        == "6f855958bf9cedbf4f6a81adc3965d4107a235e03ea9f9cbc04e18652e01a893")
    let other = ring.preimage(invoiceID: "inv_01JDY", keyID: "l402-1")
    #expect(other?.reveal() != preimage?.reveal())
    #expect(ring.preimage(invoiceID: "inv_01JDX", keyID: "l402-2") == nil)
  }

  @Test func `a token is minted byte for byte under the derived root key`() throws {
    let paid = try PaidInvoice()
    let terms = try L402Terms(
      service: "svc_a", tier: 0, capabilities: ["read", "write"], validUntil: 1_893_456_000)
    let macaroon = try paid.ring.mint(paid.identifier, terms: terms)
    #expect(Base64.encode(macaroon.binary) == minted)
    #expect(
      macaroon.isSigned(
        by: try bytes("98bb718257daf06a237a3d40e51b93e9d5a94ae03e71ee7721f995ecd86e13b8")))
    #expect(paid.ring.keyID(signing: macaroon) == "l402-1")
    #expect(paid.ring.signingKeyID == "l402-1")
  }

  @Test func `after a rotation old tokens verify until their key is retired`() throws {
    let paid = try PaidInvoice()
    let old = try paid.token(["services=svc_a:0"], secret: "ring-secret-0")
    let new = try paid.token(["services=svc_a:0"])
    #expect(paid.ring.keyID(signing: old) == "l402-0")
    #expect(paid.ring.keyID(signing: new) == "l402-1")
    let twice = LiveSecret(id: "again", bytes: Array("ring-secret-1".utf8))
    #expect(try L402KeyRing([paid.secret, twice]).keyID(signing: new) == "l402-1")
    let retired = try L402KeyRing([paid.secret])
    #expect(retired.keyID(signing: old) == nil)
    #expect(retired.keyID(signing: new) == "l402-1")
    #expect(try L402KeyRing([paid.older]).keyID(signing: new) == nil)
  }

  @Test func `no ring without a secret, with an empty one, or with one id twice`() throws {
    let good = LiveSecret(id: "a", bytes: [1])
    let empty = LiveSecret(id: "b", bytes: [])
    for (secrets, fault, code) in [
      ([], .noSecret, "L402_NO_SECRET"), ([empty], .emptySecret(id: "b"), "L402_EMPTY_SECRET"),
      ([good, empty], .emptySecret(id: "b"), "L402_EMPTY_SECRET"),
      ([good, good], .repeatedID("a"), "L402_REPEATED_KEY_ID"),
    ] as [([LiveSecret], L402KeyRingFault, Text)] {
      #expect(throws: fault) { try L402KeyRing(secrets) }
      #expect(fault.code == code)
    }
  }

  @Test func `an identifier has 66 bytes and version 0`() throws {
    let sound = try PaidInvoice().identifier.binary
    #expect(sound.count == 66)
    #expect(try L402Identifier(binary: sound).binary == sound)
    for count in 0..<66 {
      #expect(throws: L402IdentifierFault.length) {
        try L402Identifier(binary: Array(sound[..<count]))
      }
    }
    #expect(throws: L402IdentifierFault.length) { try L402Identifier(binary: sound + [0]) }
    for version: [UInt8] in [[0, 1], [1, 0], [0xFF, 0xFF]] {
      #expect(throws: L402IdentifierFault.version) {
        try L402Identifier(binary: version + sound.dropFirst(2))
      }
    }
    let hash = try PaidInvoice().preimage.paymentHash
    for count in [0, 31, 33] {
      #expect(
        L402Identifier(paymentHash: hash, tokenID: [UInt8](repeating: 1, count: count)) == nil)
      #expect(Preimage(bytes: [UInt8](repeating: 1, count: count)) == nil)
    }
  }

  @Test(
    arguments: [
      ("", ["a"], 1, .service), ("a,b", ["a"], 1, .service), ("a:b", ["a"], 1, .service),
      ("a=b", ["a"], 1, .service), ("a b", ["a"], 1, .service), ("é", ["a"], 1, .service),
      ("a\u{7F}", ["a"], 1, .service), ("s", [], 1, .capability), ("s", [""], 1, .capability),
      ("s", ["a", "b,c"], 1, .capability), ("s", ["a"], -1, .validUntil),
    ] as [(Text, [Text], Int64, L402TermsFault)])
  func `terms that no caveat can say are refused`(
    service: Text, capabilities: [Text], validUntil: Int64, fault: L402TermsFault
  ) {
    #expect(throws: fault) {
      try L402Terms(
        service: service, tier: 0, capabilities: capabilities, validUntil: validUntil)
    }
  }

  @Test func `names of 64 bytes and the moment zero can be said, 65 bytes cannot`() throws {
    let name = Text(String(repeating: "~", count: 64))
    let terms = try L402Terms(service: name, tier: 255, capabilities: [name], validUntil: 0)
    let paid = try PaidInvoice()
    let caveats = try paid.ring.mint(paid.identifier, terms: terms).caveats
    #expect(
      caveats.map { String(decoding: $0, as: UTF8.self) } == [
        "services=\(name):255", "\(name)_capabilities=\(name)", "\(name)_valid_until=0",
      ])
    #expect(throws: L402TermsFault.service) {
      try L402Terms(service: Text("\(name)~"), tier: 0, capabilities: nil, validUntil: nil)
    }
  }

  @Test func `the codes of the faults are all different`() {
    let codes =
      MacaroonFault.allCases.map(\.code) + L402IdentifierFault.allCases.map(\.code)
      + L402TermsFault.allCases.map(\.code) + L402ChallengeFault.allCases.map(\.code)
    #expect(Set(codes).count == codes.count)
    #expect(MacaroonFault.paddedLength.code == "MACAROON_PADDED_LENGTH")
    #expect(L402IdentifierFault.version.code == "IDENTIFIER_VERSION")
  }
}
