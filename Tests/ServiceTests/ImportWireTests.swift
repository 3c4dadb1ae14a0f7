import HTTP
import JSON
import Ledger
import Service
import Testing

/// The request line of `payment.import`, and the talk with a daemon.
@Suite struct ImportWireTests {
  private static func payment(
    _ id: Text, phase: PaymentPhase, error: Text?, vendorFault: Bool
  ) throws -> ImportPayment {
    ImportPayment(
      transaction: try #require(TransactionID(id)),
      parties: PaymentParties(agent: "builder_agent", vendor: "a \"b\"/\u{1F4B0}", network: .base),
      amount: Money(units: 1_250_000, asset: .usdc), phase: phase,
      occurredAt: Timestamp(milliseconds: 1_763_262_000_123), chainHash: ChainHash("sol-1"),
      error: error, vendorFault: vendorFault, latencyMilliseconds: 12,
      serviceURL: "https://a.example", facilitatorReceipt: "{\"ok\":true}")
  }

  private static func bytes(_ line: ImportLine) -> [UInt8] {
    var out = JSONWriter()
    line.write(to: &out)
    return out.bytes
  }

  @Test func `the line has its members in their order`() throws {
    let payment = try Self.payment("tx_1", phase: .failed, error: "503", vendorFault: true)
    let line = Self.bytes(ImportLine(key: "k1", book: .fake, payment: payment))
    #expect(
      String(decoding: line, as: UTF8.self) == """
        {"command":"payment.import","key":"k1","fake":true,"transaction_id":"tx_1",\
        "agent_id":"builder_agent","vendor":"a \\"b\\"/\u{1F4B0}","network":"base",\
        "amount":"1.250000","asset":"USDC","status":"failed",\
        "occurred_at":"2025-11-16T03:00:00.123Z","blockchain_tx_hash":"sol-1","error":"503",\
        "vendor_fault":true,"latency_ms":12,"service_url":"https://a.example",\
        "facilitator_receipt":"{\\"ok\\":true}"}

        """)
  }

  @Test(arguments: PaymentPhase.allCases, [Book.real, .fake])
  func `what was written reads back the same`(phase: PaymentPhase, book: Book) throws {
    let isFailed = phase == .failed
    let payment = try Self.payment(
      "tx_1", phase: phase, error: isFailed ? "budget" : nil, vendorFault: isFailed)
    let read = try ImportLine(Self.bytes(ImportLine(key: nil, book: book, payment: payment)))
    #expect(read.payment.printed == payment.printed)
    #expect(read.book == book)
    #expect(read.key == nil)
  }

  @Test func `a failure that names no fault is judged by its text`() throws {
    let head = #"{"command":"payment.import","transaction_id":"t","agent_id":"a","vendor":"v","#
    let tail =
      #""network":"base","amount":"1","asset":"usdc","status":"failed","#
      + #""occurred_at":"2025-11-16T03:00:00Z","error":""#
    #expect(try ImportLine(Array((head + tail + #"503"}"#).utf8)).payment.vendorFault)
    #expect(try !ImportLine(Array((head + tail + #"budget"}"#).utf8)).payment.vendorFault)
  }

  @Test(arguments: [
    (#""command":"payment.import""#, #""command":"payment.pay""#, ImportLineFault.otherCommand),
    (#""transaction_id":"tx_1","#, "", .missing(field: "transaction_id")),
    (
      #""amount":"1.250000""#, #""amount":"1.2500001""#,
      .invalid(field: "amount", reason: "must be a decimal with at most 6 decimals")
    ),
    (
      #""amount":"1.250000""#, #""amount":1.25"#,
      .invalid(field: "amount", reason: "must be a decimal with at most 6 decimals")
    ),
    (
      #""status":"completed""#, #""status":"PAID""#,
      .invalid(field: "status", reason: "must be pending, completed or failed")
    ),
    (
      #""occurred_at":"2025-11-16T03:00:00.123Z""#, #""occurred_at":"2025-11-16T03:00:00""#,
      .invalid(
        field: "occurred_at", reason: "must be a time of RFC 3339 such as 2025-11-16T03:00:00Z")
    ),
    (
      #""latency_ms":12"#, #""latency_ms":-1"#,
      .invalid(field: "latency_ms", reason: "must be a whole number from 0 on")
    ),
    (
      #""network":"base""#, #""fake":"yes","network":"base""#,
      .invalid(field: "fake", reason: "must be true or false")
    ),
  ])
  func `a wrong line is refused by its field`(
    old: String, new: String, fault: ImportLineFault
  ) throws {
    let payment = try Self.payment("tx_1", phase: .completed, error: nil, vendorFault: false)
    let line = Self.bytes(ImportLine(key: nil, book: .real, payment: payment))
    let parts = String(decoding: line, as: UTF8.self).split(
      separator: old, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    #expect(throws: fault) { try ImportLine(Array((parts[0] + new + parts[1]).utf8)) }
  }

  // MARK: the socket

  private static func sink(
    _ answer: @escaping (ClientRequest) -> Result<Response, ClientError>
  ) -> SocketSink {
    SocketSink(book: .real, deadlineMilliseconds: 1_000) { request, _ in answer(request) }
  }

  private static func batch(_ count: Int) throws -> [ImportPayment] {
    try (0..<count).map {
      try payment(Text("tx_\($0)"), phase: .completed, error: nil, vendorFault: false)
    }
  }

  @Test func `the daemon's answers are read in order`() throws {
    let body = """
      {"status":"recorded","seq":42}
      {"status":"unchanged"}
      {"status":"repeated","seq":7}
      {"status":"refused","code":"IMPORT_CONFLICT","reason":"other amount"}

      """
    let sink = Self.sink { request in
      #expect(request.target == "/commands")
      #expect(request.body.split(separator: 0x0A).count == 4)
      return .success(Response(status: 200, contentType: "x", body: Array(body.utf8)))
    }
    #expect(
      try sink.submit(try Self.batch(4)) == [
        .recorded, .known, .known,
        .refused(code: "IMPORT_CONFLICT", detail: "other amount"),
      ])
  }

  @Test func `a large batch goes in several requests, each answered line by line`() throws {
    var requests = 0
    let sink = Self.sink { request in
      requests += 1
      #expect(request.body.count < 1_100_000)
      let lines = request.body.split(separator: 0x0A).count
      let body = String(repeating: "{\"status\":\"recorded\",\"seq\":1}\n", count: lines)
      return .success(Response(status: 200, contentType: "x", body: Array(body.utf8)))
    }
    let answers = try sink.submit(try Self.batch(4_096))
    #expect(answers == [ImportAnswer](repeating: .recorded, count: 4_096))
    #expect(requests > 1)
  }

  @Test(arguments: [
    (Result<Response, ClientError>.failure(.notSent(.timedOut)), Service.ExitStatus.notReached),
    (.failure(.sentWithoutAnswer(.timedOut)), .outcomeUnknown),
    (.success(Response(status: 200, contentType: "x", body: [])), .outcomeUnknown),
    (
      .success(Response(status: 200, contentType: "x", body: Array("hello\n".utf8))),
      .outcomeUnknown
    ),
    (
      .success(
        Response(
          status: 503, contentType: "x", body: Array(#"{"code":"LEDGER_UNAVAILABLE"}"#.utf8))),
      .outcomeUnknown
    ),
    (
      .success(
        Response(status: 503, contentType: "x", body: Array(#"{"code":"NOT_READY"}"#.utf8))),
      .refused
    ),
    (.success(Response(status: 401, contentType: "x", body: [])), .refused),
  ])
  func `a talk that fails says whether the lines may be in`(
    answer: Result<Response, ClientError>, status: Service.ExitStatus
  ) throws {
    let sink = Self.sink { _ in answer }
    let batch = try Self.batch(1)
    let stop = #expect(throws: ImportStop.self) { try sink.submit(batch) }
    #expect(stop?.status == status)
  }
}
