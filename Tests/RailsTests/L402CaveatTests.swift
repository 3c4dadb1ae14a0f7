import Digest
import JSON
import Rails
import Testing

/// What caveats leave of a token, and that a later one never leaves more.
@Suite struct L402CaveatTests {
  @Test(
    arguments: [
      ([], .granted(tier: nil, capabilities: nil, validUntil: nil)),
      (["services=svc_a:0"], .granted(tier: 0, capabilities: nil, validUntil: nil)),
      (["services=svc_b:9,svc_a:255"], .granted(tier: 255, capabilities: nil, validUntil: nil)),
      (
        ["services=svc_a:3,svc_b:1", "services=svc_a:7"],
        .granted(tier: 3, capabilities: nil, validUntil: nil)
      ),
      (
        ["services=svc_a:3", "services=svc_a:2"],
        .granted(tier: 2, capabilities: nil, validUntil: nil)
      ),
      (
        ["services=svc_a:2,svc_a:3", "services=svc_a:9"],
        .granted(tier: 2, capabilities: nil, validUntil: nil)
      ),
      (
        ["services=svc_a:0", "svc_a_capabilities=write,read", "svc_a_capabilities=write,read"],
        .granted(tier: 0, capabilities: ["read", "write"], validUntil: nil)
      ),
      (
        ["svc_a_capabilities=write,read", "svc_a_capabilities=read"],
        .granted(tier: nil, capabilities: ["read"], validUntil: nil)
      ),
      (
        ["svc_a_valid_until=2000", "svc_a_valid_until=2000", "svc_a_valid_until=1001"],
        .granted(tier: nil, capabilities: nil, validUntil: 1_001)
      ),
      (
        ["svc_a_valid_until=9223372036854775807"],
        .granted(tier: nil, capabilities: nil, validUntil: .max)
      ),
    ] as [([String], Outcome)])
  func `caveats that narrow leave what is left`(caveats: [String], expected: Outcome) throws {
    #expect(try PaidInvoice().check(caveats) == expected)
  }

  @Test(
    arguments: [
      (["services=svc_a:0", "services=svc_a:0,svc_b:0"], "services"),
      (["services=svc_b:0", "services=svc_a:0"], "services"),
      (["services=svc_a:0,svc_b:0", "services=svc_a:0", "services=svc_a:0,svc_b:0"], "services"),
      (["svc_a_capabilities=read", "svc_a_capabilities=read,write"], "svc_a_capabilities"),
      (["svc_a_capabilities=read", "note=x", "svc_a_capabilities=write"], "svc_a_capabilities"),
      (["svc_a_valid_until=2000", "svc_a_valid_until=2001"], "svc_a_valid_until"),
      (
        ["svc_a_valid_until=3000", "svc_a_valid_until=2000", "svc_a_valid_until=2500"],
        "svc_a_valid_until"
      ),
    ] as [([String], Text)])
  func `a later caveat that allows more is refused`(caveats: [String], condition: Text) throws {
    let outcome = try PaidInvoice().check(caveats)
    #expect(outcome == .refused(.widenedCaveat(condition)))
  }

  @Test(
    arguments: [
      "services=", "services=svc_a", "services=svc_a:", "services=:0", "services=svc_a:256",
      "services=svc_a:-1", "services=svc_a:+1", "services=svc_a:00", "services=svc_a:0:1",
      "services=svc_a:0,", "services=,svc_a:0", "services=svc_a: 0", "services=svc_a:0x1",
      "svc_a_capabilities=", "svc_a_capabilities=,", "svc_a_capabilities=read,",
      "svc_a_valid_until=", "svc_a_valid_until=-1", "svc_a_valid_until=+2000",
      "svc_a_valid_until= 2000", "svc_a_valid_until=02000", "svc_a_valid_until=2e3",
      "svc_a_valid_until=9223372036854775808", "svc_a_valid_until=99999999999999999999",
      "svc_a_valid_until=2000.0", "svc_a_valid_until=٢٠٠٠", "svc_a_valid_until==2000",
    ])
  func `a caveat of a known condition that cannot be read is refused`(caveat: String) throws {
    let condition = Text(String(caveat.prefix { $0 != "=" }))
    #expect(try PaidInvoice().check([caveat]) == .refused(.malformedCaveat(condition)))
    #expect(
      try PaidInvoice().check([caveat, "services=svc_a:0", "svc_a_valid_until=2000"])
        == .refused(.malformedCaveat(condition)))
  }

  @Test(
    arguments: [
      "note=⚡ café", "no equals sign", "", "=", "=services", "Services=svc_b:0", "services",
      "services =svc_b:0", " services=svc_b:0", "svc_b_valid_until=1", "svc_b_capabilities=none",
      "svc_a_valid_untill=1", "valid_until=1", "RequestPath = /x", "ExpiresAt = 1",
      "svc_a_monthly_volume_sats=0", "_valid_until=1",
    ])
  func `what is about something unknown is skipped`(caveat: String) throws {
    #expect(
      try PaidInvoice().check(["services=svc_a:0", caveat, "svc_a_capabilities=read"])
        == .granted(tier: 0, capabilities: ["read"], validUntil: nil))
  }

  @Test func `a caveat that is not UTF-8 is skipped, or refused when its condition is known`()
    throws
  {
    let paid = try PaidInvoice()
    let access = L402Access(service: "svc_a", capability: nil)
    for (bytes, expected) in [
      ([0xFF, 0x3D, 0xFF], .granted(tier: nil, capabilities: nil, validUntil: nil)),
      (
        Array("svc_a_capabilities=".utf8) + [0xFF], .refused(.malformedCaveat("svc_a_capabilities"))
      ),
      (Array("services=".utf8) + [0xC0, 0x3A, 0x30], .refused(.malformedCaveat("services"))),
    ] as [([UInt8], Outcome)] {
      let credential = try L402Credential(
        macaroon: try paid.token([]).adding(bytes), preimage: paid.preimage)
      #expect(Outcome(paid.ring.check(credential, for: access, at: 0)) == expected)
    }
  }

  @Test func `a token is valid until the second before its end`() throws {
    let paid = try PaidInvoice()
    let caveats = ["services=svc_a:0", "svc_a_valid_until=2000"]
    let good = Outcome.granted(tier: 0, capabilities: nil, validUntil: 2_000)
    #expect(try paid.check(caveats, at: 1_999) == good)
    #expect(try paid.check(caveats, at: 2_000) == .refused(.expired(at: 2_000)))
    #expect(try paid.check(caveats, at: 2_001) == .refused(.expired(at: 2_000)))
    #expect(try paid.check(caveats, at: .min) == good)
    #expect(try paid.check(caveats, at: .max) == .refused(.expired(at: 2_000)))
    #expect(try paid.check(["svc_a_valid_until=0"], at: 0) == .refused(.expired(at: 0)))
  }

  @Test func `another service and another capability are not covered`() throws {
    let paid = try PaidInvoice()
    let caveats = ["services=svc_a:0", "svc_a_capabilities=read"]
    #expect(
      try paid.check(caveats, service: "svc_b") == .refused(.serviceNotCovered("svc_b")))
    #expect(
      try paid.check(caveats, service: "svc_") == .refused(.serviceNotCovered("svc_")))
    #expect(
      try paid.check(caveats, capability: "write") == .refused(.capabilityNotCovered("write")))
    #expect(
      try paid.check(caveats, capability: "rea") == .refused(.capabilityNotCovered("rea")))
    let granted = Outcome.granted(tier: 0, capabilities: ["read"], validUntil: nil)
    #expect(try paid.check(caveats, capability: "read") == granted)
    #expect(
      try paid.check(["services=svc_a:0"], capability: "write")
        == .granted(tier: 0, capabilities: nil, validUntil: nil))
  }

  @Test func `names that only look alike are not equal`() throws {
    #expect(
      try PaidInvoice().check(["services=caf\u{E9}:0"], service: "cafe\u{301}")
        == .refused(.serviceNotCovered("cafe\u{301}")))
  }

  @Test func `a preimage caveat must be the preimage`() throws {
    let paid = try PaidInvoice()
    let right = Hex.encode(paid.preimage.reveal())
    let wrong = String(repeating: "0", count: 64)
    let granted = Outcome.granted(tier: nil, capabilities: nil, validUntil: nil)
    #expect(try paid.check(["preimage=\(right)"]) == granted)
    for caveats in [
      ["preimage=\(wrong)"], ["preimage="], ["preimage=\(right)0"],
      ["preimage=\(right)", "preimage=\(wrong)"], ["preimage=\(wrong)", "preimage=\(right)"],
    ] {
      #expect(try paid.check(caveats) == .refused(.preimageMismatch))
    }
  }

  @Test func `preimage, then signature, then caveats: who has not paid learns nothing else`()
    throws
  {
    let paid = try PaidInvoice()
    let stranger = try #require(Preimage(bytes: [UInt8](repeating: 7, count: 32)))
    let access = L402Access(service: "svc_a", capability: nil)
    for secret in ["ring-secret-1", "forged"] {
      for caveats in [[], ["services="], ["services=svc_b:0"], ["svc_a_valid_until=1"]] {
        let macaroon = try paid.token(caveats, secret: secret)
        let unpaid = try L402Credential(macaroon: macaroon, preimage: stranger)
        #expect(
          paid.ring.check(unpaid, for: access, at: 1_000) == .refused(.preimageMismatch))
        guard secret == "forged" else { continue }
        let forged = try L402Credential(macaroon: macaroon, preimage: paid.preimage)
        #expect(paid.ring.check(forged, for: access, at: 1_000) == .refused(.notSigned))
      }
    }
  }

  @Test func `a grant names key, invoice and token`() throws {
    let paid = try PaidInvoice()
    let old = try paid.credential(["services=svc_a:0"], secret: "ring-secret-0")
    let verdict = paid.ring.check(
      old, for: L402Access(service: "svc_a", capability: nil), at: 0)
    guard case .granted(let grant) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    #expect(grant.keyID == "l402-0")
    #expect(grant.identifier == paid.identifier)
  }

  @Test(
    arguments: [
      (.preimageMismatch, "INVALID_PREIMAGE"), (.notSigned, "INVALID_MACAROON"),
      (.malformedCaveat("x"), "INVALID_CAVEAT"), (.widenedCaveat("x"), "WIDENED_CAVEAT"),
      (.serviceNotCovered("x"), "INVALID_SERVICE"),
      (.capabilityNotCovered("x"), "INVALID_CAPABILITY"), (.expired(at: 1), "EXPIRED_CREDENTIAL"),
    ] as [(L402Refusal, Text)])
  func `each refusal has its code`(refusal: L402Refusal, code: Text) {
    #expect(refusal.code == code)
  }
}
