import Glibc
import HTTP
import Service
import Testing

/// What `quickstart verify` says of gateways that work and of ones that do not.
@Suite struct QuickstartTests {
  /// A gateway in memory that keeps the rules, but for the fault it is given.
  final class Gateway {
    /// What is wrong with it.
    enum Fault: CaseIterable {
      case down, sick, free, noTerms, refusesPayment, noReceipt, forgets, otherBytes, noHeader
      case takesConflict, noMetrics, badMetrics
    }

    private let fault: Fault?
    private var answers: [String: (task: [UInt8], body: [UInt8])] = [:]
    var requests: [ClientRequest] = []

    init(_ fault: Fault?) { self.fault = fault }

    func answer(_ request: ClientRequest) -> Result<Response, ClientError> {
      requests.append(request)
      if fault == .down { return .failure(.notSent(.cannotConnect(errno: 111))) }
      switch request.target {
      case "/health":
        return .success(json(fault == .sick ? 503 : 200, #"{"ok":true}"#))
      case "/metrics/summary":
        if fault == .noMetrics { return .success(json(401, #"{"code":"UNAUTHORIZED"}"#)) }
        let last = fault == .badMetrics ? "" : #","p95LatencyMs":1.5"#
        return .success(
          json(
            200, #"{"windowSize":500,"callsTotal":3,"paidCalls":1,"failureRate":0.25"# + last + "}")
        )
      default: return .success(task(request))
      }
    }

    private func task(_ request: ClientRequest) -> Response {
      guard let payment = request.headers["X-Payment"], let key = request.headers["Idempotency-Key"]
      else {
        if fault == .free { return json(200, "{}") }
        let terms =
          #"{"amount":{"currency":"USD","value":"0.010000"},"resourceId":"r","paymentHeader":"h"}"#
        return json(
          402,
          fault == .noTerms
            ? #"{"error":{"code":"PAYMENT_REQUIRED"}}"#
            : #"{"error":{"code":"PAYMENT_REQUIRED","x402":"# + terms + "}}")
      }
      guard payment.hasPrefix("v1:0.010000:"), fault != .refusesPayment else {
        return json(402, #"{"error":{"code":"PAYMENT_PROOF_INVALID"}}"#)
      }
      if let known = answers[key], fault != .forgets {
        guard known.task == request.body || fault == .takesConflict else {
          return json(409, #"{"error":{"code":"IDEMPOTENCY_CONFLICT"}}"#)
        }
        var response = json(200, "")
        response.body = known.body + (fault == .otherBytes ? [0x20] : [])
        if fault != .noHeader { response.headers.append("Idempotency-Replayed", "true") }
        return response
      }
      let receipt = fault == .noReceipt ? "{}" : #"{"receiptId":"rcpt_\#(requests.count)"}"#
      var response = json(200, #"{"receipt":"# + receipt + "}")
      response.headers.append("Idempotency-Replayed", "false")
      answers[key] = (request.body, response.body)
      return response
    }

    private func json(_ status: Int, _ body: String) -> Response {
      Response(status: status, contentType: "application/json", body: Array(body.utf8))
    }
  }

  /// Verifies a gateway in memory.
  private static func verify(
    _ gateway: Gateway
  ) throws -> (status: Service.ExitStatus, lines: [String]) {
    let scratch = try #require(ScratchFolder())
    defer { scratch.remove() }
    return try scratch.capture { output in
      QuickstartVerify.verify(
        GatewayClient(origin: "http://test", send: gateway.answer),
        names: PaymentTrial.Names(unique: "abcdef"), output: output, palette: .plain)
    }
  }

  @Test func `a gateway that keeps the rules passes every step`() throws {
    let gateway = Gateway(nil)
    let (status, lines) = try Self.verify(gateway)
    #expect(status == .ok)
    #expect(
      lines == [
        "Verifying http://test", "✓ health: GET /health is 200",
        "✓ unpaid 402: 402 PAYMENT_REQUIRED, price 0.010000 USD",
        "✓ paid 200: 200, receipt rcpt_3",
        "✓ replay: same key, same body: same bytes, Idempotency-Replayed: true",
        "✓ conflict 409: same key, other body: 409 IDEMPOTENCY_CONFLICT",
        "✓ metrics: windowSize 500, callsTotal 3, paidCalls 1, failureRate 0.25, p95LatencyMs 1.5",
        "PASS: all 6 steps passed",
      ])
    // The conflict must not be refused for its proof: it pays with another one.
    let proofs = gateway.requests.compactMap { $0.headers["X-Payment"] }
    #expect(Set(proofs).count == 2)
  }

  @Test(arguments: [
    (Gateway.Fault.down, ["health"]), (.sick, ["health"]), (.free, ["unpaid 402"]),
    (.noTerms, ["unpaid 402"]), (.refusesPayment, ["paid 200"]), (.noReceipt, ["paid 200"]),
    (.forgets, ["replay", "conflict 409"]), (.otherBytes, ["replay"]), (.noHeader, ["replay"]),
    (.takesConflict, ["conflict 409"]), (.noMetrics, ["metrics"]), (.badMetrics, ["metrics"]),
  ])
  func `each fault fails its own step`(fault: Gateway.Fault, steps: [String]) throws {
    let (status, lines) = try Self.verify(Gateway(fault))
    #expect(status == .checkFailed)
    let failed = lines.filter { $0.hasPrefix("✗") }
    #expect(failed.count == steps.count)
    for (line, step) in zip(failed, steps) { #expect(line.hasPrefix("✗ \(step): ")) }
    #expect(lines.count { $0.hasPrefix("    next: ") } == steps.count)
    #expect(lines.last?.hasPrefix("FAIL: ") == true)
  }

  @Test(arguments: [
    ("https://a.example", GatewayURLError.needsTLS), ("http://", .malformed),
    ("http://a b", .malformed), ("ftp://a", .malformed),
  ])
  func `a URL that cannot be called is refused`(url: String, error: GatewayURLError) {
    #expect(throws: error) { try GatewayClient(url: url) }
  }

  @Test(arguments: ["localhost:3000", "http://127.0.0.1:3000/", "http://[::1]:3000"])
  func `an origin is taken with or without its ends`(url: String) throws {
    let origin = try GatewayClient(url: url).origin
    #expect(origin.hasPrefix("http://") && !origin.hasSuffix("/"))
  }
}

extension ScratchFolder {
  /// Runs something that prints; gives what it returned and its answers, line by line.
  func capture(
    _ body: (Output) throws -> Service.ExitStatus
  ) throws -> (status: Service.ExitStatus, lines: [String]) {
    let descriptor = Glibc.open(try write("captured", []), O_WRONLY)
    defer { close(descriptor) }
    let stream = Output.Stream(descriptor: descriptor)
    let output = Output(answers: stream, messages: stream)
    let status = try body(output)
    output.flush()
    return (status, try text("captured").split(separator: "\n").map(String.init))
  }
}
