import Digest
import JSON
import Rails
import Seeded
import Testing

/// What must hold for macaroons whatever a stranger does to their bytes.
@Suite struct L402LawTests {
  private let caveats = [
    "services=svc_a:0,svc_b:1", "svc_a_capabilities=read,write", "svc_a_valid_until=5000",
    "services=svc_a:0", "note=x",
  ]
  private let access = L402Access(service: "svc_a", capability: "read")

  @Test func `no single flipped bit verifies`() throws {
    let paid = try PaidInvoice()
    let sound = try paid.token(caveats).binary
    #expect(opens(sound, paid))
    for bit in 0..<(8 * sound.count) {
      var bytes = sound
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!opens(bytes, paid), "bit \(bit)")
    }
  }

  /// Found by the fuzzer: of all bytes only these may differ, so nothing may be decided by them.
  @Test func `the location is not signed`() throws {
    let paid = try PaidInvoice()
    let sound = try paid.token(caveats).binary
    for location: [UInt8] in [[1, 0], [1, 4] + Array("lsat".utf8), [1, 1, 0xFF]] {
      #expect(opens([2] + location + sound.dropFirst(), paid))
    }
  }

  /// Whether these bytes, with the right preimage, open the service.
  private func opens(_ binary: [UInt8], _ paid: PaidInvoice) -> Bool {
    do {
      let credential = try L402Credential(
        macaroon: try Macaroon(binary: binary), preimage: paid.preimage)
      if case .granted = paid.ring.check(credential, for: access, at: 1_000) { return true }
      return false
    } catch {
      return false
    }
  }

  @Test(arguments: UInt64(0)..<200)
  func `bytes at random never trap, and a mutated macaroon never verifies`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let paid = try PaidInvoice()
    let sound = try paid.token(caveats)
    for _ in 0..<50 {
      var bytes = sound.binary
      for _ in 0...random.below(4) { mutate(&bytes, &random) }
      do {
        let read = try Macaroon(binary: bytes)
        #expect(read.binary == bytes, "seed \(seed): read and written differ")
        let isSound =
          read.identifier == sound.identifier && read.caveats == sound.caveats
          && read.signature == sound.signature
        #expect(isSound == (paid.ring.keyID(signing: read) != nil), "seed \(seed)")
      } catch {
        #expect(bytes != sound.binary)
      }
      let text = random.bytes(random.below(64))
      _ = try? Macaroon(binary: text)
      let header = "L402 " + String(decoding: text, as: UTF8.self)
      if case .presented = L402Claim(authorization: [Text(header)]) {
        Issue.record("seed \(seed): \(header)")
      }
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    guard !bytes.isEmpty else { return }
    let place = random.below(bytes.count)
    switch random.below(6) {
    case 0: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1: bytes.remove(at: place)
    case 2: bytes.insert(UInt8(random.below(8)), at: place)
    case 3: bytes.removeSubrange(place...)
    case 4: bytes.insert(contentsOf: bytes[place...].prefix(random.below(48)), at: place)
    default: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    }
  }

  @Test(arguments: UInt64(0)..<200)
  func `one caveat more never opens what was closed and never widens`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let paid = try PaidInvoice()
    let pieces = [
      "services=svc_a:0", "services=svc_a:2,svc_b:1", "services=svc_b:1",
      "services=svc_a:1,svc_a:3",
      "services=x", "svc_a_capabilities=read", "svc_a_capabilities=read,write",
      "svc_a_capabilities=write", "svc_a_capabilities=", "svc_a_valid_until=2000",
      "svc_a_valid_until=3000", "svc_a_valid_until=999", "svc_a_valid_until=x", "note=1", "plain",
      "svc_b_valid_until=1", "svc_a_valid_until=1001",
    ]
    var caveats: [String] = []
    var before = try paid.check(caveats, capability: "read")
    for _ in 0..<8 {
      caveats.append(pieces[random.below(pieces.count)])
      let after = try paid.check(caveats, capability: "read")
      #expect(isNarrower(after, than: before), "seed \(seed): \(caveats)")
      before = after
    }
  }

  private func isNarrower(_ after: Outcome, than before: Outcome) -> Bool {
    switch (before, after) {
    case (_, .refused): return true
    case (.refused, .granted): return false
    case (.granted(let tier, let named, let end), .granted(let newTier, let newNamed, let newEnd)):
      let isTier = tier.map { old in newTier.map { $0 <= old } ?? false } ?? true
      let isNamed =
        named.map { old in newNamed.map { Set($0).isSubset(of: old) } ?? false } ?? true
      let isEnd = end.map { old in newEnd.map { $0 <= old } ?? false } ?? true
      return isTier && isNamed && isEnd
    }
  }

  @Test(arguments: UInt64(0)..<100)
  func `what is written reads as the same macaroon`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let key = random.bytes(random.below(100))
    var macaroon = try Macaroon(
      rootKey: key, identifier: random.bytes(random.below(300)),
      location: random.below(2) == 0 ? nil : random.bytes(random.below(200)))
    for _ in 0..<random.below(20) {
      macaroon = try macaroon.adding(random.bytes(random.below(300)))
    }
    let read = try Macaroon(binary: macaroon.binary)
    #expect(read == macaroon, "seed \(seed)")
    #expect(read.isSigned(by: key), "seed \(seed)")
    #expect(!read.isSigned(by: key + [1]), "seed \(seed)")
  }
}
