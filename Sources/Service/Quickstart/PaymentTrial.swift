internal import HTTP
internal import JSON

/// Goes through the paid flow of a gateway as a client would, one finding for each step.
///
/// It pays with a proof id that nobody has used, so each trial leaves one accepted payment in the
/// book of the gateway's mode, settled `format_only`.
package struct PaymentTrial {
  /// Names that no other trial uses.
  package struct Names: Equatable, Sendable {
    package let proofs: (String, String)
    package let key: String

    /// - Parameter unique: 6 to 100 characters of `[A-Za-z0-9_-]`.
    package init(unique: String) {
      proofs = ("quickstart-\(unique)-1", "quickstart-\(unique)-2")
      key = "quickstart-\(unique)"
    }

    package static func == (left: Names, right: Names) -> Bool {
      left.key == right.key && left.proofs == right.proofs
    }
  }

  private static let task = #"{"task":"quickstart"}"#
  private static let otherTask = #"{"task":"quickstart, but another one"}"#

  private let client: GatewayClient
  private let names: Names
  /// From the 402: what the gateway wants.
  private var price: String?
  /// The body of the first paid answer.
  private var paidBody: [UInt8]?

  package init(_ client: GatewayClient, names: Names) {
    self.client = client
    self.names = names
  }

  // MARK: steps

  /// `GET /health` is 200 and says so in JSON.
  package func health() -> Finding {
    let name = "health"
    switch client.get("/health") {
    case .failure(let error):
      return .failed(
        name, "\(client.origin) does not answer: \(error)",
        next: "start it with tollbook serve, or name its address")
    case .success(let response):
      guard response.status == 200, let object = PaymentTrial.object(response),
        object["ok"] == .bool(true)
      else {
        return .failed(
          name, "GET /health is \(response.status) \(PaymentTrial.code(response))",
          next: "look at the last lines of logs/genesis.log")
      }
      return .passed(name, "GET /health is 200")
    }
  }

  /// Without payment the answer is a 402 that a program can follow.
  package mutating func unpaid() -> Finding {
    let name = "unpaid 402"
    switch client.postTask(PaymentTrial.task, []) {
    case .failure(let error): return broken(name, error)
    case .success(let response):
      guard response.status == 402 else {
        return .failed(
          name, "POST /agent/task without payment is \(PaymentTrial.summary(response))",
          next: response.status == 503
            ? "look at the answer's detail: the gateway refuses for a reason of its own"
            : "is this a Tollbook gateway? look at GET /health and logs/genesis.log")
      }
      guard let terms = PaymentTrial.object(response)?["error"]?.object?["x402"]?.object,
        let value = terms["amount"]?.object?["value"]?.text,
        terms["paymentHeader"]?.text != nil, terms["resourceId"]?.text != nil
      else {
        return .failed(
          name, "the 402 has no machine-readable error.x402",
          next: "a proxy in front may replace error bodies; ask the gateway itself")
      }
      price = value.string
      return .passed(name, "402 PAYMENT_REQUIRED, price \(value.string) USD")
    }
  }

  /// With a fresh proof the answer is 200 and carries a receipt.
  package mutating func paid() -> Finding {
    let name = "paid 200"
    guard let price else { return .skipped(name) }
    switch pay(PaymentTrial.task, proof: names.proofs.0, price) {
    case .failure(let error): return broken(name, error)
    case .success(let response):
      guard response.status == 200 else {
        return .failed(
          name, "paying with X-Payment: v1:\(price):… is \(PaymentTrial.summary(response))",
          next: PaymentTrial.advice(response.status))
      }
      guard let receipt = PaymentTrial.object(response)?["receipt"]?.object?["receiptId"]?.text
      else {
        return .failed(
          name, "the 200 carries no receipt.receiptId", next: "file this as a P1 with the bundle")
      }
      paidBody = response.body
      return .passed(name, "200, receipt \(receipt.string)")
    }
  }

  /// The same key and body again: the same bytes, and nothing charged.
  package func replay() -> Finding {
    let name = "replay"
    guard let price, let paidBody else { return .skipped(name) }
    let next = "send the same Idempotency-Key and body twice by hand and compare the bytes"
    switch pay(PaymentTrial.task, proof: names.proofs.0, price) {
    case .failure(let error): return broken(name, error)
    case .success(let response):
      guard response.status == 200 else {
        return .failed(name, "the same key again is \(PaymentTrial.summary(response))", next: next)
      }
      guard response.body == paidBody else {
        return .failed(name, "the same key gives another body", next: next)
      }
      guard response.headers["Idempotency-Replayed"] == "true" else {
        return .failed(name, "Idempotency-Replayed: true is missing", next: next)
      }
      return .passed(name, "same key, same body: same bytes, Idempotency-Replayed: true")
    }
  }

  /// The same key with another body is refused.
  package func conflict() -> Finding {
    let name = "conflict 409"
    guard let price, paidBody != nil else { return .skipped(name) }
    switch pay(PaymentTrial.otherTask, proof: names.proofs.1, price) {
    case .failure(let error): return broken(name, error)
    case .success(let response):
      guard response.status == 409 else {
        return .failed(
          name, "the same key with another body is \(PaymentTrial.summary(response))",
          next: "a key that is not bound to its body can charge twice: file a P1")
      }
      return .passed(name, "same key, other body: 409 \(PaymentTrial.code(response))")
    }
  }

  /// `GET /metrics/summary` answers with its five numbers.
  package func metrics() -> Finding {
    let name = "metrics"
    switch client.get("/metrics/summary") {
    case .failure(let error): return broken(name, error)
    case .success(let response):
      guard response.status == 200 else {
        return .failed(
          name, "GET /metrics/summary is \(PaymentTrial.summary(response))",
          next: response.status == 401
            ? "run this on the gateway's machine: the path is open to loopback only"
            : "look at the last lines of logs/genesis.log")
      }
      guard let object = PaymentTrial.object(response) else {
        return .failed(name, "the summary is not JSON", next: "is a proxy in between?")
      }
      var seen: [String] = []
      for field in ["windowSize", "callsTotal", "paidCalls", "failureRate", "p95LatencyMs"] {
        guard case .number(let number) = object[Text(field)] else {
          return .failed(
            name, "the summary has no number \(field)", next: "is this a Tollbook gateway?")
        }
        seen.append("\(field) \(number.text.string)")
      }
      return .passed(name, seen.joined(separator: ", "))
    }
  }

  // MARK: parts

  private func pay(
    _ body: String, proof: String, _ price: String
  ) -> Result<Response, ClientError> {
    client.postTask(
      body, [("X-Payment", "v1:\(price):\(proof)"), ("Idempotency-Key", names.key)])
  }

  private func broken(_ name: String, _ error: ClientError) -> Finding {
    .failed(name, "no answer: \(error)", next: "is tollbook serve still running? see its output")
  }

  private static func advice(_ status: Int) -> String {
    switch status {
    case 402:
      "check PAYMENT_VERIFIER_MODE (strict takes X-Payment: v1:<amount-usd>:<proof-id>) and "
        + "X402_PRICE_USD with tollbook config show"
    case 403: "a WALLET_POLICY_… cap is below the price; see tollbook config show"
    case 503: "the ledger or its disk refuses; see the answer's code and tollbook doctor"
    default: "look at the last lines of logs/genesis.log"
    }
  }

  /// Status and code of an answer.
  private static func summary(_ response: Response) -> String {
    let code = code(response)
    return code.isEmpty ? "\(response.status)" : "\(response.status) \(code)"
  }

  /// The code of an error in either form: the seed's, or problem+json; empty when there is none.
  private static func code(_ response: Response) -> String {
    let object = object(response)
    let code = object?["error"]?.object?["code"]?.text ?? object?["code"]?.text
    return SettingText.quotable(code?.string ?? "")
  }

  private static func object(_ response: Response) -> JSONObject? {
    do throws(JSONError) {
      return try JSONParser.parse(response.body, limits: .standard).object
    } catch {
      return nil
    }
  }
}
