import JSON
import Rails

/// The parsers of L402 and of webhooks: what they take, and whom they believe.
extension FuzzTarget {
  // MARK: a macaroon

  static let macaroon = FuzzTarget(
    name: "macaroon",
    corpus: [
      "\u{2}\u{1}\u{4}lsat\u{2}\u{7}test-id\0\u{2}\u{D}account=12345\0\0\u{6} \(signature)",
      "\u{2}\u{2}\u{1}x\0\0\u{6} \(signature)",
      "\u{2}\u{1}\0\u{2}\0\0\u{2}\0\0\0\u{6} \(signature)",
    ],
    tokens: [
      "\0", "\u{1}", "\u{2}", "\u{4}", "\u{6}", "\u{6} ", "\u{7F}", "\u{2}\u{1}a\0", "a=b", "\u{5}",
    ],
    check: { bytes, _ in
      do throws(MacaroonFault) {
        let read = try Macaroon(binary: bytes)
        guard read.binary == bytes else { return "what was read is written otherwise" }
        return read.isSigned(by: [1, 2, 3]) ? "a stranger's macaroon is signed" : nil
      } catch {
        return nil
      }
    })

  private static let signature = String(repeating: "s", count: 32)

  // MARK: an Authorization

  static let authorization = FuzzTarget(
    name: "authorization",
    corpus: paid.map { ["L402 \($0.header)", "LSAT \($0.header), L402 \($0.header)"] } ?? ["L402"],
    tokens: [
      "L402 ", "lsat ", "Bearer ", ",", ", ", ":", "=", "==", "-", "_", "/", "+", "AgEEbHNhdA",
      "d39d8ed375b7daeca747e68807f0e8ed64e8b47d5dbb1a6eb54e8c8d3085abf1", "\t", "é", "0",
    ],
    check: { bytes, _ in
      guard let paid else { return "the sound credential was not made" }
      guard let header = Text(utf8: bytes),
        case .presented(let credentials) = L402Claim(authorization: [header])
      else { return nil }
      guard (1...L402Claim.maximumTokens).contains(credentials.count) else {
        return "too many tokens, or none, were taken"
      }
      for credential in credentials {
        let access = L402Access(service: "svc_a", capability: "read")
        guard case .granted = paid.ring.check(credential, for: access, at: 1_000) else { continue }
        // The location is not signed, by design of the format; all else is.
        let macaroon = credential.macaroon
        guard macaroon.identifier == paid.macaroon.identifier,
          macaroon.caveats == paid.macaroon.caveats, macaroon.signature == paid.macaroon.signature
        else { return "another macaroon opened the service" }
      }
      return nil
    })

  /// A ring, a token that it minted, and what its payer sends; nil would be a bug of ours.
  private static let paid: (ring: L402KeyRing, macaroon: Macaroon, header: String)? = {
    do {
      let ring = try L402KeyRing([LiveSecret(id: "a", bytes: Array("secret".utf8))])
      guard let preimage = ring.preimage(invoiceID: "inv_1", keyID: "a"),
        let identifier = L402Identifier(
          paymentHash: preimage.paymentHash, tokenID: [UInt8](repeating: 7, count: 32))
      else { return nil }
      let terms = try L402Terms(
        service: "svc_a", tier: 0, capabilities: ["read"], validUntil: 2_000)
      let macaroon = try ring.mint(identifier, terms: terms)
      let digits = preimage.reveal().map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }
      let challenge = try L402Challenge(macaroon: macaroon, invoice: "lnbc1")
      let parts = challenge.headerValues[0].string.split(separator: "\"")
      return (ring, macaroon, "\(parts[1]):\(digits.joined())")
    } catch {
      return nil
    }
  }()

  // MARK: a webhook

  /// The first line is the header with the signatures, the rest is the body.
  static let webhook = FuzzTarget(
    name: "webhook",
    corpus: [
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\n\(webhookBody)",
      "t=1614265330,v1=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964\n"
        + webhookBody,
      "sha256=80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c\n\(webhookBody)",
      "80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c\n\(webhookBody)",
    ],
    tokens: [
      "v1,", "v1a,", "v1=", "v0=", "t=", ",", " ", "=", "sha256=", "\n", "1614265330", "-", ".",
      "9223372036854775807", "whsec_", "00", "AAAA",
    ],
    check: { bytes, _ in
      let end = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
      let body = Array(bytes[end...].dropFirst())
      guard let header = Text(utf8: Array(bytes[..<end])) else { return nil }
      let delivery = WebhookDelivery(
        id: ["msg_p5jXN8AQM9LWM0D4loKWxJek"], timestamp: ["1614265330"], signature: [header],
        body: body)
      let secret = LiveSecret(id: "k", bytes: Array("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".utf8))
      for scheme in WebhookScheme.allCases {
        let verifier = WebhookVerifier(scheme: scheme, secrets: [secret])
        guard case .verified = verifier.check(delivery, at: 1_614_265_330) else { continue }
        if !body.elementsEqual(webhookBody.utf8) { return "another body was believed" }
      }
      return nil
    })

  private static let webhookBody = #"{"test": 2432232314}"#
}
