import Digest
import JSON
import Rails
import Seeded
import Testing

/// The headers of a webhook: every form that is refused, and limits to each side.
@Suite struct WebhookFormTests {
  private let vector = WebhookVector.all[0]

  private func check(_ scheme: WebhookScheme, _ delivery: WebhookDelivery) -> WebhookOutcome {
    let verifier = WebhookVerifier(scheme: scheme, secrets: [vector.key("new")])
    return WebhookOutcome(verifier.check(delivery, at: vector.timestamp))
  }

  @Test(arguments: WebhookScheme.allCases)
  func `a missing, empty or repeated signature is refused`(scheme: WebhookScheme) {
    let good = vector.signature(scheme)
    #expect(check(scheme, vector.delivery(signature: [])) == .refused(.missingHeader))
    #expect(check(scheme, vector.delivery(signature: [""])) == .refused(.missingHeader))
    #expect(
      check(scheme, vector.delivery(signature: [good, good])) == .refused(.repeatedHeader))
  }

  @Test func `id and timestamp stand there once each`() {
    let good = [vector.standard]
    for values in [[], [""]] as [[Text]] {
      #expect(
        check(.standard, vector.delivery(id: values, signature: good))
          == .refused(.missingHeader))
      #expect(
        check(.standard, vector.delivery(timestamp: values, signature: good))
          == .refused(.missingHeader))
    }
    #expect(
      check(.standard, vector.delivery(id: [vector.id, vector.id], signature: good))
        == .refused(.repeatedHeader))
    let time = Text("\(vector.timestamp)")
    #expect(
      check(.standard, vector.delivery(timestamp: [time, time], signature: good))
        == .refused(.repeatedHeader))
  }

  @Test(arguments: ["a.b", ".", "a b", "é", "a\n", "\u{7F}", "a\u{0}"] as [Text])
  func `an id with a point, a space or anything unseen is refused`(id: Text) {
    #expect(
      check(.standard, vector.delivery(id: [id], signature: [vector.standard]))
        == .refused(.malformedID))
  }

  @Test func `an id has at most 255 bytes`() throws {
    let key = try #require(Base64.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    for (count, isGood) in [(1, true), (255, true), (256, false)] {
      let id = Text(String(repeating: "~", count: count))
      let code = HMACSHA256.authenticate(
        key: key, message: Array("\(id).\(vector.timestamp).".utf8) + Array(vector.body.utf8))
      let verdict = check(
        .standard,
        vector.delivery(id: [id], signature: [Text("v1," + Base64.encode(code.bytes))]))
      let good = WebhookOutcome.verified(
        keyID: "new", eventID: id, signedAt: vector.timestamp)
      #expect(verdict == (isGood ? good : .refused(.malformedID)))
    }
  }

  @Test(
    arguments: [
      "x", "-1", "+1614265330", " 1614265330", "1614265330 ", "01614265330", "1614265330.0",
      "1.614e9", "0x60", "9223372036854775808", "99999999999999999999", "١", "1614265330\n",
    ] as [Text])
  func `a timestamp that is not plain seconds is refused`(timestamp: Text) {
    #expect(
      check(.standard, vector.delivery(timestamp: [timestamp], signature: [vector.standard]))
        == .refused(.malformedTimestamp))
    let stripe = Text("t=\(timestamp),\(vector.stripe.string.dropFirst(13))")
    #expect(
      check(.stripe, vector.delivery(signature: [stripe])) == .refused(.malformedTimestamp))
  }

  @Test func `the largest timestamp is read, and too new`() throws {
    let code = HMACSHA256.authenticate(
      key: Array(vector.secret.utf8),
      message: Array("\(Int64.max).".utf8) + Array(vector.body.utf8))
    let header = Text("t=\(Int64.max),v1=\(code.hex)")
    #expect(
      check(.stripe, vector.delivery(signature: [header]))
        == .refused(.tooNew(signedAt: .max, keyID: "new")))
  }

  @Test func `signatures without the form of their scheme are refused`() {
    let hex = String(vector.prefixedHex.string.dropFirst(7))
    let base64 = String(vector.standard.string.dropFirst(3))
    for (scheme, header, refusal) in [
      (.standard, base64, .malformedSignature), (.standard, "v1", .malformedSignature),
      (.standard, "v1,", .malformedSignature), (.standard, "V1,\(base64)", .malformedSignature),
      (.standard, "v1a,\(base64)", .malformedSignature),
      (.standard, "v1,\(base64.dropLast())", .malformedSignature),
      (.standard, "v1,\(base64)\n", .malformedSignature), (.standard, " ", .malformedSignature),
      (.standard, "v1,AAAA", .malformedSignature), (.standard, "v1=\(hex)", .malformedSignature),
      (.stripe, "v1=\(hex)", .malformedTimestamp), (.stripe, "t=,v1=\(hex)", .malformedTimestamp),
      (.stripe, ",", .malformedTimestamp), (.stripe, "T=1,v1=\(hex)", .malformedTimestamp),
      (.stripe, "t=1,t=1,v1=\(hex)", .malformedTimestamp), (.stripe, "t=1", .malformedSignature),
      (.stripe, "t=1,v0=\(hex)", .malformedSignature), (.stripe, "t=1,v1=", .malformedSignature),
      (.stripe, "t=1,v1=\(hex)0", .malformedSignature),
      (.stripe, "t=1,v1=\(hex.dropLast(2))", .malformedSignature),
      (.stripe, "t=1,V1=\(hex)", .malformedSignature),
      (.prefixedHex, hex, .malformedSignature), (.prefixedHex, "sha256=", .malformedSignature),
      (.prefixedHex, "sha1=\(hex)", .malformedSignature),
      (.prefixedHex, "SHA256=\(hex)", .malformedSignature),
      (.prefixedHex, "sha256=\(hex)00", .malformedSignature),
      (.prefixedHex, "sha256=\(hex.dropLast())", .malformedSignature),
      (.prefixedHex, "sha256= \(hex)", .malformedSignature),
      (.prefixedHex, "sha256=\(hex.dropLast())g", .malformedSignature),
      (.bareHex, "sha256=\(hex)", .malformedSignature),
      (.bareHex, "\(hex)00", .malformedSignature), (.bareHex, "00", .malformedSignature),
      (.bareHex, "\(hex) ", .malformedSignature),
    ] as [(WebhookScheme, String, WebhookRefusal)] {
      #expect(
        check(scheme, vector.delivery(signature: [Text(header)])) == .refused(refusal),
        "\(scheme) \(header)")
    }
  }

  @Test(arguments: [WebhookScheme.prefixedHex, .bareHex])
  func `hexadecimal digits of either case are read`(scheme: WebhookScheme) {
    let hex = vector.prefixedHex.string.dropFirst(7).uppercased()
    let header = Text(scheme == .bareHex ? hex : "sha256=" + hex)
    #expect(check(scheme, vector.delivery(signature: [header])) == vector.proof(scheme, "new"))
  }

  @Test func `16 signatures are looked at, 17 are refused`() {
    let wrong = "v1," + Base64.encode([UInt8](repeating: 0, count: 32))
    let zeros = "v1=" + String(repeating: "0", count: 64)
    let stripe = vector.stripe.string
    for (count, isGood) in [(15, true), (16, false)] {
      let list = Array(repeating: wrong, count: count) + [vector.standard.string]
      let standard = vector.delivery(signature: [Text(list.joined(separator: " "))])
      let hexes = [stripe] + Array(repeating: zeros, count: count)
      let hex = vector.delivery(signature: [Text(hexes.joined(separator: ","))])
      for (scheme, delivery) in [(WebhookScheme.standard, standard), (.stripe, hex)] {
        #expect(
          check(scheme, delivery)
            == (isGood ? vector.proof(scheme, "new") : .refused(.tooManySignatures)))
      }
    }
  }

  @Test func `a header of 4096 bytes is read, one byte more is not`() {
    for (count, isGood) in [(4_096, true), (4_097, false)] {
      let fill = String(repeating: "x", count: count - vector.standard.utf8Count - 1)
      let delivery = vector.delivery(signature: [Text("\(vector.standard) \(fill)")])
      #expect(
        check(.standard, delivery)
          == (isGood ? vector.proof(.standard, "new") : .refused(.malformedSignature)))
    }
  }

  @Test(
    arguments: [
      (.noSecret, "WEBHOOK_NO_SECRET"), (.unusableSecret(id: "x"), "WEBHOOK_UNUSABLE_SECRET"),
      (.missingHeader, "WEBHOOK_MISSING_HEADER"), (.repeatedHeader, "WEBHOOK_REPEATED_HEADER"),
      (.malformedID, "WEBHOOK_MALFORMED_ID"),
      (.malformedTimestamp, "WEBHOOK_MALFORMED_TIMESTAMP"),
      (.malformedSignature, "WEBHOOK_MALFORMED_SIGNATURE"),
      (.tooManySignatures, "WEBHOOK_TOO_MANY_SIGNATURES"),
      (.mismatch, "WEBHOOK_SIGNATURE_MISMATCH"),
      (.tooOld(signedAt: 1, keyID: "x"), "WEBHOOK_TOO_OLD"),
      (.tooNew(signedAt: 1, keyID: "x"), "WEBHOOK_TOO_NEW"),
    ] as [(WebhookRefusal, Text)])
  func `each refusal has its code`(refusal: WebhookRefusal, code: Text) {
    #expect(refusal.code == code)
  }

  @Test(arguments: UInt64(0)..<200)
  func `headers at random never trap and never verify`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for scheme in WebhookScheme.allCases {
      for _ in 0..<20 {
        var header = Array(vector.signature(scheme).string.utf8)
        let place = random.below(header.count)
        switch random.below(3) {
        case 0: header[place] = UInt8(0x21 + random.below(0x5E))
        case 1: header.remove(at: place)
        default: header = random.bytes(random.below(200))
        }
        let text = Text(String(decoding: header, as: UTF8.self))
        guard text.asciiLowercase != vector.signature(scheme).asciiLowercase else { continue }
        if case .verified = check(scheme, vector.delivery(signature: [text])) {
          Issue.record("seed \(seed), \(scheme): \(text)")
        }
      }
    }
  }
}

extension Text {
  /// Hexadecimal digits are read in either case, so only other changes must be refused.
  fileprivate var asciiLowercase: String { string.lowercased() }
}
