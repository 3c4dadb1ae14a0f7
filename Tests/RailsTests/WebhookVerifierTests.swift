import Digest
import JSON
import Rails
import Testing

/// Signatures of webhooks: who is believed, when, and why not.
@Suite struct WebhookVerifierTests {
  private let vector = WebhookVector.all[0]
  private let other = WebhookVector.all[1]

  private func check(
    _ scheme: WebhookScheme, _ delivery: WebhookDelivery, _ secrets: [LiveSecret]? = nil,
    at now: Int64? = nil
  ) -> WebhookOutcome {
    let verifier = WebhookVerifier(scheme: scheme, secrets: secrets ?? [vector.key("new")])
    return WebhookOutcome(verifier.check(delivery, at: now ?? vector.timestamp))
  }

  @Test(arguments: WebhookVector.all, WebhookScheme.allCases)
  func `a vector is verified in every scheme`(vector: WebhookVector, scheme: WebhookScheme) {
    let delivery = vector.delivery(signature: [vector.signature(scheme)])
    let verifier = WebhookVerifier(scheme: scheme, secrets: [vector.key("k")])
    let outcome = WebhookOutcome(verifier.check(delivery, at: vector.timestamp))
    #expect(outcome == vector.proof(scheme, "k"))
    #expect(verifier.configurationFault == nil)
  }

  @Test(arguments: WebhookScheme.allCases)
  func `the raw bytes are signed: any other body is refused`(scheme: WebhookScheme) {
    let body = Array(vector.body.utf8)
    let compact = Array(#"{"test":2432232314}"#.utf8)
    for changed in [compact, body + [0x0A], Array(body.dropLast()), [], [0x20] + body] {
      let delivery = vector.delivery(signature: [vector.signature(scheme)], body: changed)
      #expect(check(scheme, delivery) == .refused(.mismatch))
    }
    for bit in 0..<(8 * body.count) {
      var changed = body
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      let delivery = vector.delivery(signature: [vector.signature(scheme)], body: changed)
      #expect(check(scheme, delivery) == .refused(.mismatch))
    }
  }

  @Test func `an id and a timestamp are signed where the scheme signs them`() {
    let standard = [vector.standard]
    #expect(
      check(.standard, vector.delivery(id: ["msg_other"], signature: standard))
        == .refused(.mismatch))
    #expect(
      check(.standard, vector.delivery(timestamp: ["1614265331"], signature: standard))
        == .refused(.mismatch))
    let moved = Text("t=1614265331" + vector.stripe.string.dropFirst(12))
    #expect(check(.stripe, vector.delivery(signature: [moved])) == .refused(.mismatch))
    #expect(
      check(.stripe, vector.delivery(id: [], timestamp: [], signature: [vector.stripe]))
        == vector.proof(.stripe, "new"))
  }

  @Test(arguments: WebhookScheme.allCases)
  func `while a secret rolls the old and the new one verify, and the key is named`(
    scheme: WebhookScheme
  ) {
    let delivery = vector.delivery(signature: [vector.signature(scheme)])
    let mine = vector.key("mine")
    let foreign = other.key("foreign")
    #expect(check(scheme, delivery, [mine, foreign]) == vector.proof(scheme, "mine"))
    #expect(check(scheme, delivery, [foreign, mine]) == vector.proof(scheme, "mine"))
    #expect(check(scheme, delivery, [foreign]) == .refused(.mismatch))
    #expect(
      check(scheme, delivery, [vector.key("first"), mine]) == vector.proof(scheme, "first"))
  }

  @Test func `any of several signatures counts, wherever it stands`() {
    let wrong = "v1," + Base64.encode([UInt8](repeating: 0, count: 32))
    let right = vector.standard.string
    for list in [
      "\(right) \(wrong)", "\(wrong) \(right)", "v1a,AAAA \(right)", "v2,x v1,! \(right)",
      "v1,AAAA \(right)", " \(right) ", "\(right)  \(right)", "garbage \(right)",
    ] {
      #expect(
        check(.standard, vector.delivery(signature: [Text(list)]))
          == vector.proof(.standard, "new"), "\(list)")
    }
    let hex = vector.stripe.string.dropFirst(16)
    let none = String(repeating: "0", count: 64)
    for list in [
      "t=1614265330,v1=\(none),v1=\(hex)", "t=1614265330,v1=\(hex),v1=\(none)",
      "v1=\(hex),t=1614265330", "t=1614265330,v0=\(none),v1=\(hex)", "t=1614265330, v1=\(hex)",
      "t=1614265330,v1=zz,v1=\(hex.uppercased())", "t=1614265330,,x,v1=\(hex),",
    ] {
      #expect(
        check(.stripe, vector.delivery(signature: [Text(list)]))
          == vector.proof(.stripe, "new"), "\(list)")
    }
  }

  @Test(arguments: [WebhookScheme.standard, .stripe])
  func `300 seconds to each side are tolerated, 301 are not`(scheme: WebhookScheme) {
    let delivery = vector.delivery(signature: [vector.signature(scheme)])
    let signed = vector.timestamp
    for (offset, expected) in [
      (-301, .refused(.tooNew(signedAt: signed, keyID: "new"))), (-300, nil), (-299, nil), (0, nil),
      (299, nil), (300, nil), (301, .refused(.tooOld(signedAt: signed, keyID: "new"))),
    ] as [(Int64, WebhookOutcome?)] {
      #expect(
        check(scheme, delivery, at: signed + offset) == expected ?? vector.proof(scheme, "new"))
    }
    #expect(
      check(scheme, delivery, at: .max) == .refused(.tooOld(signedAt: signed, keyID: "new")))
    #expect(
      check(scheme, delivery, at: .min) == .refused(.tooNew(signedAt: signed, keyID: "new")))
  }

  @Test func `a forged signature is a mismatch, however wrong its time`() {
    let delivery = vector.delivery(signature: [vector.standard], body: [])
    #expect(check(.standard, delivery, at: 0) == .refused(.mismatch))
  }

  @Test(arguments: [WebhookScheme.prefixedHex, .bareHex])
  func `a scheme without a time verifies at any time`(scheme: WebhookScheme) {
    let delivery = vector.delivery(
      id: [], timestamp: [], signature: [vector.signature(scheme)])
    for now in [Int64.min, 0, .max] {
      #expect(check(scheme, delivery, at: now) == vector.proof(scheme, "new"))
    }
  }

  @Test(arguments: WebhookScheme.allCases)
  func `without secrets, and with an empty one among them, nothing is believed`(
    scheme: WebhookScheme
  ) {
    let good = vector.delivery(signature: [vector.signature(scheme)])
    let empty = LiveSecret(id: "empty", bytes: [])
    #expect(check(scheme, good, []) == .refused(.noSecret))
    for secrets in [[empty], [vector.key("new"), empty], [empty, vector.key("new")]] {
      #expect(check(scheme, good, secrets) == .refused(.unusableSecret(id: "empty")))
      let verifier = WebhookVerifier(scheme: scheme, secrets: secrets)
      #expect(verifier.configurationFault == .unusableSecret(id: "empty"))
    }
    // A forger's signature under the empty key.
    var signed = HMACSHA256(key: [])
    if scheme == .standard { signed.update(Array("\(vector.id).\(vector.timestamp).".utf8)) }
    if scheme == .stripe { signed.update(Array("\(vector.timestamp).".utf8)) }
    signed.update(Array(vector.body.utf8))
    let code = signed.finalize()
    let header =
      switch scheme {
      case .standard: "v1," + Base64.encode(code.bytes)
      case .stripe: "t=\(vector.timestamp),v1=\(code.hex)"
      case .prefixedHex: "sha256=" + code.hex
      case .bareHex: code.hex
      }
    let forged = vector.delivery(signature: [Text(header)])
    #expect(check(scheme, forged) == .refused(.mismatch))
    #expect(check(scheme, forged, [empty]) == .refused(.unusableSecret(id: "empty")))
  }

  @Test func `a standard secret is base64 with or without its mark`() {
    let delivery = vector.delivery(signature: [vector.standard])
    let bare = LiveSecret(id: "bare", bytes: Array("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".utf8))
    #expect(check(.standard, delivery, [bare]) == vector.proof(.standard, "bare"))
    for text in ["whsec_", "whsec_!", "whsec_MfK", "whsec_MfKQ ", "plain text", "whpk_MfKQ"] {
      let secret = LiveSecret(id: "bad", bytes: Array(text.utf8))
      #expect(check(.standard, delivery, [secret]) == .refused(.unusableSecret(id: "bad")))
    }
  }

  @Test func `a description, a dump and a mirror say nothing of the keys`() {
    let verifier = WebhookVerifier(scheme: .stripe, secrets: [vector.key("k1")])
    var dumped = ""
    dump(verifier, to: &dumped)
    dumped += "\(verifier)" + String(reflecting: verifier)
    #expect(dumped.contains("WebhookVerifier(stripe, 1 keys)"))
    #expect(!dumped.contains("inner") && !dumped.contains("words") && !dumped.contains("MfKQ"))
  }
}
