import JSON
import Rails

/// A signed webhook in three schemes; the first standard one is the value of the upstream tests.
struct WebhookVector: Sendable {
  let id: Text
  let timestamp: Int64
  let body: String
  let secret: String
  let standard: Text
  let stripe: Text
  let prefixedHex: Text

  static let all = [
    WebhookVector(
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330,
      body: #"{"test": 2432232314}"#, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      standard: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      stripe:
        "t=1614265330,v1=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964",
      prefixedHex: "sha256=80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c"),
    WebhookVector(
      id: "evt_1", timestamp: 1_767_225_600,
      body: #"{"type":"invoice.settled","data":{"memo":"café ⚡"}}"#,
      secret: "whsec_bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3",
      standard: "v1,idYwVDey6adYFqxKhCed6AcHLPDs+ITmKb3vBaRJVQA=",
      stripe:
        "t=1767225600,v1=2a58dcc2f34be47ec09e10d6f5424095d85e5acf8b27a9501607c13db372a844",
      prefixedHex: "sha256=278e32721efc25d78ea64f3c958424c54d0c9225baa23b2b0d391a5743c9fc28"),
  ]

  /// The header with the signature in a scheme.
  func signature(_ scheme: WebhookScheme) -> Text {
    switch scheme {
    case .standard: standard
    case .stripe: stripe
    case .prefixedHex: prefixedHex
    case .bareHex: Text(String(prefixedHex.string.dropFirst(7)))
    }
  }

  func key(_ id: Text) -> LiveSecret { LiveSecret(id: id, bytes: Array(secret.utf8)) }

  /// The delivery as it came in, but for what a test changes.
  func delivery(
    id: [Text]? = nil, timestamp: [Text]? = nil, signature: [Text], body: [UInt8]? = nil
  ) -> WebhookDelivery {
    WebhookDelivery(
      id: id ?? [self.id], timestamp: timestamp ?? [Text("\(self.timestamp)")],
      signature: signature, body: body ?? Array(self.body.utf8))
  }

  /// What a good signature of this delivery proves.
  func proof(_ scheme: WebhookScheme, _ keyID: Text) -> WebhookOutcome {
    .verified(
      keyID: keyID, eventID: scheme == .standard ? id : nil,
      signedAt: scheme == .standard || scheme == .stripe ? timestamp : nil)
  }
}

/// A verdict whose proof can be written down in a test.
enum WebhookOutcome: Equatable {
  case verified(keyID: Text, eventID: Text?, signedAt: Int64?)
  case refused(WebhookRefusal)

  init(_ verdict: WebhookVerdict) {
    switch verdict {
    case .verified(let proof):
      self = .verified(keyID: proof.keyID, eventID: proof.eventID, signedAt: proof.signedAt)
    case .refused(let refusal): self = .refused(refusal)
    }
  }
}
