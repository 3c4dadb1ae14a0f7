import Digest
import JSON
import Rails
import Testing

/// `Authorization` as clients write it, and every way not to be read.
@Suite struct L402CredentialTests {
  /// A claim that can be written down in a test: macaroons in hex, each with its preimage's hash.
  private enum Reading: Equatable {
    case missing
    case malformed(L402CredentialFault)
    case presented([String])
  }

  private func read(_ values: [String]) -> Reading {
    switch L402Claim(authorization: values.map { Text($0) }) {
    case .missing: .missing
    case .malformed(let fault): .malformed(fault)
    case .presented(let credentials):
      .presented(
        credentials.map {
          "\(Hex.encode($0.macaroon.binary)):\(Hex.encode($0.preimage.reveal()))"
        })
    }
  }

  private static let first = MacaroonVector.all[0]
  private static let second = MacaroonVector.all[1]

  /// What reading a vector gives.
  private func presented(_ vectors: MacaroonVector...) -> Reading {
    .presented(vectors.map { "\($0.hex):\($0.preimage)" })
  }

  @Test func `the vector's own line is read`() {
    #expect(
      read([
        "L402 AgEEbHNhdAJCAAAb9ag/jaLoAo538frpMBsx1lyT6sXp8vKSDoTVw79noHpHNIBphROW6a5hKkJNixWH"
          + "yRQ1QTHqn9pG+wX08mJqAAAGIB9tzALdQF8c6pOwSlmKMVcBtFHrf1GKW8f5jqh9tMPL:"
          + "d39d8ed375b7daeca747e68807f0e8ed64e8b47d5dbb1a6eb54e8c8d3085abf1"
      ]) == presented(Self.first))
  }

  @Test(arguments: ["L402", "LSAT", "l402", "lsat", "LsAt", "L402 ", "lsat\t", "  L402   "])
  func `the scheme is read in any case, with any spaces`(scheme: String) {
    for vector in MacaroonVector.all {
      #expect(
        read(["\(scheme) \(vector.base64):\(vector.preimage)  "]) == presented(vector))
    }
  }

  @Test func `both alphabets are read, padded or not, and digits of either case`() throws {
    for vector in MacaroonVector.all {
      for alphabet in [Base64.Alphabet.standard, .url] {
        for padding in [Base64.Padding.required, .forbidden] {
          let token = Base64.encode(
            try bytes(vector.hex), alphabet: alphabet, padding: padding)
          #expect(
            read(["L402 \(token):\(vector.preimage.uppercased())"]) == presented(vector))
        }
      }
    }
  }

  @Test func `Aperture's two lines are one credential, also when they are joined`() {
    let one = "\(Self.first.base64):\(Self.first.preimage)"
    let other = "\(Self.second.base64):\(Self.second.preimage)"
    #expect(read(["LSAT \(one)", "L402 \(one)"]) == presented(Self.first))
    #expect(read(["LSAT \(one), L402 \(one)"]) == presented(Self.first))
    #expect(read(["LSAT \(one),L402 \(other)"]) == presented(Self.first, Self.second))
    #expect(read(["L402 \(other)", "LSAT \(one)"]) == presented(Self.second, Self.first))
  }

  @Test func `several tokens share one preimage`() {
    let reading = read(["L402 \(Self.first.base64), \(Self.second.base64):\(Self.first.preimage)"])
    #expect(
      reading
        == .presented([
          "\(Self.first.hex):\(Self.first.preimage)", "\(Self.second.hex):\(Self.first.preimage)",
        ]))
  }

  @Test func `other schemes are skipped, before, between and behind`() {
    let one = "L402 \(Self.first.base64):\(Self.first.preimage)"
    for values in [
      ["Bearer abc", one], [one, "Basic YTpi"], ["Bearer abc, \(one)"], ["\(one), Bearer x:y"],
      ["Digest username=\"a\", realm=\"b:c\", \(one)"], ["", one, ""], ["Bearer abc,\(one),"],
      [",\(one) , ,"],
    ] {
      #expect(read(values) == presented(Self.first), "\(values)")
    }
    for values in [
      [], [""], ["Bearer abc"], ["Basic YTpi", "Bearer x"], ["L403 a:b"], ["L402x a:b"],
      ["xL402 a:b"], ["Bearer L402"], ["Bearer lsat:ab"], ["L402:ab"], [","], [" , "],
    ] {
      #expect(read(values) == .missing, "\(values)")
    }
  }

  @Test func `a line that can be read counts beside one that cannot`() {
    let one = "L402 \(Self.first.base64):\(Self.first.preimage)"
    for bad in ["L402", "LSAT x:y", "L402 AAAA:\(Self.first.preimage)"] {
      #expect(read([bad, one]) == presented(Self.first))
      #expect(read([one, bad]) == presented(Self.first))
    }
  }

  @Test func `what cannot be read says why, the first of it`() throws {
    let token = Self.first.base64
    let preimage = Self.first.preimage
    let url = Base64.encode([2, 2, 0xFB, 0xFF], alphabet: .url)
    let foreign = try Macaroon(rootKey: [1], identifier: Array("x".utf8), location: nil)
    let later = try Macaroon(
      rootKey: [1], identifier: [0, 1] + [UInt8](repeating: 0, count: 64), location: nil)
    for (value, fault) in [
      ("L402", .noPreimage), ("L402 ", .noPreimage), ("LSAT \(token)", .noPreimage),
      ("L402 \(token) \(preimage)", .noPreimage), ("L402 ,", .noPreimage),
      ("L402 \(token):", .preimageText), ("L402 :", .preimageText),
      ("L402 \(token):\(preimage)0", .preimageText),
      ("L402 \(token):\(preimage.dropLast())", .preimageText),
      ("L402 \(token):\(preimage.dropLast(2))", .preimageText),
      ("L402 \(token):\(preimage.dropLast())g", .preimageText),
      ("L402 \(token): \(preimage)", .preimageText), ("L402 \(token):0x\(preimage)", .preimageText),
      ("L402 :\(preimage)", .tokenText), ("L402 \(token)=:\(preimage)", .tokenText),
      ("L402 \(token.dropLast(4)):\(preimage)", .macaroon(.truncated)),
      ("L402 \(token.dropLast()):\(preimage)", .tokenText),
      ("L402 \(token.dropLast(3)):\(preimage)", .tokenText),
      ("L402 \(token)\(url):\(preimage)", .tokenText), ("L402 a b:\(preimage)", .tokenText),
      ("L402 \(token):\(preimage):\(preimage)", .tokenText), ("L402 é:\(preimage)", .tokenText),
      ("L402 AR==:\(preimage)", .tokenText), ("L402 AQ=:\(preimage)", .tokenText),
      ("L402 AQ==:\(preimage)", .macaroon(.version)),
      ("L402 Ag:\(preimage)", .macaroon(.truncated)),
      ("L402 \(token)AA==:\(preimage)", .macaroon(.trailingBytes)),
      ("L402 \(Base64.encode(foreign.binary)):\(preimage)", .identifier(.length)),
      ("L402 \(Base64.encode(later.binary)):\(preimage)", .identifier(.version)),
      ("L402 \(String(repeating: "A", count: 10_925)):\(preimage)", .macaroon(.tooLong)),
      (
        "L402 \(String(repeating: "A", count: 10_924)):\(preimage)",
        .macaroon(.tooLong)
      ),
      (
        "L402 \(String(repeating: "A", count: 10_922)):\(preimage)",
        .macaroon(.version)
      ),
    ] as [(String, L402CredentialFault)] {
      #expect(read([value]) == .malformed(fault), "\(value.prefix(40))…")
    }
    #expect(
      read(["L402 AQ==:\(preimage)", "L402"]) == .malformed(.macaroon(.version)))
    #expect(read(["L402", "L402 AQ==:\(preimage)"]) == .malformed(.noPreimage))
  }

  @Test func `eight tokens are looked at, nine are refused`() {
    let eight = Array(repeating: Self.first.base64, count: 7).joined(separator: ",")
    let line = "L402 \(eight),\(Self.second.base64):\(Self.first.preimage)"
    #expect(
      read([line])
        == .presented([
          "\(Self.first.hex):\(Self.first.preimage)", "\(Self.second.hex):\(Self.first.preimage)",
        ]))
    #expect(read([line, "L402 x:y"]) == .malformed(.tooManyTokens))
    #expect(read(["L402 x,\(line.dropFirst(5))"]) == .malformed(.tooManyTokens))
    let nine = Array(repeating: "LSAT \(Self.first.base64):\(Self.first.preimage)", count: 9)
    #expect(read(nine) == .malformed(.tooManyTokens))
    #expect(read(Array(nine.dropLast())) == presented(Self.first))
  }

  @Test func `the hexadecimal form carries its preimage as a caveat`() throws {
    let paid = try PaidInvoice()
    let preimage = Hex.encode(paid.preimage.reveal())
    let macaroon = try paid.token(["services=svc_a:0", "preimage=\(preimage)"])
    let hex = Hex.encode(macaroon.binary)
    for text in [hex, hex.uppercased()] {
      let credential = try L402Credential(macaroonHex: Text(text))
      #expect(credential.macaroon == macaroon)
      #expect(
        Outcome(
          paid.ring.check(
            credential, for: L402Access(service: "svc_a", capability: nil), at: 0))
          == .granted(tier: 0, capabilities: nil, validUntil: nil))
    }
    let without = Hex.encode(try paid.token(["services=svc_a:0"]).binary)
    let bad = Hex.encode(try paid.token(["preimage=00"]).binary)
    for (text, fault) in [
      (without, .noPreimage), (bad, .preimageText), ("", .macaroon(.truncated)), ("0", .tokenText),
      ("zz", .tokenText), (hex + "00", .macaroon(.trailingBytes)),
      (String(repeating: "0", count: 16_385), .macaroon(.tooLong)),
      (String(repeating: "0", count: 16_384), .macaroon(.version)),
    ] as [(String, L402CredentialFault)] {
      #expect(throws: fault) { try L402Credential(macaroonHex: Text(text)) }
    }
  }

  @Test func `of several credentials the first that opens counts, else the first refusal`() throws {
    let paid = try PaidInvoice()
    let access = L402Access(service: "svc_a", capability: nil)
    let good = try paid.credential(["services=svc_a:0"])
    let narrow = try paid.credential(["services=svc_a:0", "svc_a_valid_until=5"])
    let forged = try paid.credential(["services=svc_a:0"], secret: "forged")
    let ring = paid.ring
    let open = Outcome.granted(tier: 0, capabilities: nil, validUntil: nil)
    #expect(Outcome(ring.check([forged, good, narrow], for: access, at: 0)) == open)
    #expect(
      Outcome(ring.check([narrow, good], for: access, at: 0))
        == .granted(tier: 0, capabilities: nil, validUntil: 5))
    #expect(
      ring.check([narrow, forged], for: access, at: 5) == .refused(.expired(at: 5)))
    #expect(ring.check([forged, narrow], for: access, at: 5) == .refused(.notSigned))
    #expect(ring.check([], for: access, at: 5) == .refused(.notSigned))
  }

  @Test(
    arguments: [
      (.noPreimage, "L402_NO_PREIMAGE"), (.preimageText, "L402_PREIMAGE_FORM"),
      (.tokenText, "L402_TOKEN_FORM"), (.tooManyTokens, "L402_TOO_MANY_TOKENS"),
      (.macaroon(.order), "MACAROON_ORDER"), (.identifier(.length), "IDENTIFIER_LENGTH"),
    ] as [(L402CredentialFault, Text)])
  func `each fault has its code`(fault: L402CredentialFault, code: Text) {
    #expect(fault.code == code)
  }
}
