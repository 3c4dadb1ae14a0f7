import HTTP
import JSON
import Journal
import Ledger
import Rails
import Service

/// One parser that meets strangers' bytes, with what must hold whatever they are.
struct FuzzTarget: Sendable {
  let name: String
  /// Sound inputs to begin with.
  let corpus: [String]
  /// Pieces that mean something to the parser.
  let tokens: [String]
  /// Feeds the parser; says which law did not hold, nil when all did.
  let check: @Sendable ([UInt8], inout SplitMix64) -> String?

  /// The visible list.
  static let all: [FuzzTarget] = [
    json, line, http, money, timestamp, env, payment, macaroon, authorization, webhook,
    signed,
  ]

  // MARK: JSON

  private static let json = FuzzTarget(
    name: "json",
    corpus: [
      #"{"task":"test"}"#, #"[1,-0,1.5e+300,1E-2,0.10]"#, #"{"a":{"b":[null,true,false]}}"#,
      #""é\u00e9\ud83d\ude00\\\/\b\f\n\r\t""#, #"  { "a" : [ ] , "b" : { } }  "#, "7", #""""#,
    ],
    tokens: [
      "{", "}", "[", "]", ":", ",", "\"", "\\u", "\\ud800", "\\udc00", "null", "true", "1e400",
      "-", "0.", "\u{FEFF}", "\\", "e", " ", "\n", "[[[[[[[[[[[[[[[[", "{\"a\":",
    ],
    check: { bytes, _ in
      do throws(JSONError) {
        let value = try JSONParser.parse(bytes, limits: .standard)
        var out = JSONWriter()
        out.value(value, sortingMembers: false)
        let again = try JSONParser.parse(out.bytes, limits: .standard)
        return again == value ? nil : "what was written reads as another value"
      } catch {
        return error.offset <= bytes.count ? nil : "the error lies behind the input"
      }
    })

  // MARK: a line of the log

  private static let line = FuzzTarget(
    name: "line", corpus: lines,
    tokens: [
      #""seq":"#, #""at":"#, #""type":""#, #""more":true,"#, #""fake":true,"#, #""data":{"#,
      #""hash":""#, #""key":"k","op":"o","print":"#, "\\u0000", "\\ud800", "1e9", "-1",
      "18446744073709551616", "9999-12-31T23:59:59.999Z", "config.applied", "\"", "}", "{", ",",
      "payment.started", "gateway.response_recorded", "170141183460469231731687303715884105728",
    ],
    check: { bytes, _ in
      guard let record = decoded(bytes) else { return nil }
      var out = JSONWriter()
      RecordCodec.encode(record, into: &out)
      guard let again = decoded(Array(out.bytes.dropLast())) else {
        return "what was written does not read"
      }
      return again == record ? nil : "what was written reads as another record"
    })

  private static func decoded(_ line: [UInt8]) -> Record? {
    var codec = RecordCodec()
    // The reader may look at 64 bytes behind the line.
    let padded = line + [UInt8](repeating: 0, count: 64)
    return padded.withUnsafeBytes { raw in
      do throws(LineFault) {
        return try codec.decode(UnsafeRawBufferPointer(rebasing: raw[..<line.count]))
      } catch {
        return nil
      }
    }
  }

  private static let lines: [String] = {
    let log = SampleLog(seed: 1, bytes: 20_000, segmentLimit: 8_000)
    return log.files.flatMap { file in
      file.bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }
  }()

  // MARK: an HTTP request

  private static let http = FuzzTarget(
    name: "http",
    corpus: [
      "GET /health HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST /agent/task HTTP/1.1\r\nHost: localhost:3000\r\nContent-Type: application/json\r\n"
        + "X-Payment: v1:0.01:proof123\r\nContent-Length: 15\r\n\r\n{\"task\":\"test\"}",
      "POST /a?b=c HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "5;x=y\r\nhello\r\n0\r\nT: x\r\n\r\nGET / HTTP/1.0\r\n\r\n",
      "HEAD /%7e/%2e%2e HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n",
    ],
    tokens: [
      "\r\n", "\n", "\r", "\r\n\r\n", ":", " ", "\t", "\0", "Content-Length: 3\r\n",
      "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n",
      "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Host: b\r\n",
      "HTTP/1.1", "HTTP/2.0", "0\r\n\r\n", "ffffffffffffffff\r\n", "%00", "%zz", "%", "://",
      "X-Request-Id: x\r\n", "traceparent: 00-", "Expect: 100-continue\r\n", " folded",
    ],
    check: { bytes, random in
      let whole = steps(of: [bytes])
      var pieces: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        pieces.append(Array(rest.prefix(1 + random.below(min(rest.count, 40)))))
        rest = rest.dropFirst(pieces.last?.count ?? 1)
      }
      return steps(of: pieces) == whole ? nil : "the verdict depends on how the bytes are cut"
    })

  /// All that a parser says about bytes that come in pieces.
  private static func steps(of pieces: [[UInt8]]) -> [RequestParser.Step] {
    var limits = RequestLimits()
    limits.bodyBytes = 4_096
    limits.headerBytes = 2_048
    limits.requestLineBytes = 512
    var parser = RequestParser(limits: limits)
    var steps: [RequestParser.Step] = []
    for piece in pieces {
      var step = parser.feed(piece)
      while case .request = step {
        steps.append(step)
        step = parser.next()
      }
      if case .failed = step {
        steps.append(step)
        return steps
      }
    }
    return steps
  }

  // MARK: values

  private static let money = FuzzTarget(
    name: "money",
    corpus: ["0", "0.01", "12.500000", "1.1", "170141183460469231731687303715884105.727"],
    tokens: [
      ".", "-", "+", "e9", "E", "inf", "nan", "0x", ",", " ", "00", "999999999999999999", "_",
      "\u{0660}", "000000000000000000000",
    ],
    check: { bytes, _ in
      for asset in [Asset.usdc, .btc, .eth] {
        for rounding in [Money.Rounding.refuse, .halfEven] {
          do throws(MoneyError) {
            let money = try Money(decimal: bytes.span, asset: asset, rounding: rounding)
            guard bytes.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }) else {
              return "something else than digits and a point was taken"
            }
            let again = try Money(decimal: money.decimal, asset: asset, rounding: .refuse)
            guard again == money, money.units >= 0 else { return "the amount does not come back" }
          } catch {
            continue
          }
        }
      }
      return nil
    })

  private static let timestamp = FuzzTarget(
    name: "timestamp",
    corpus: [
      "2026-11-16T03:00:00.123Z", "2024-02-29t23:59:59z", "1985-04-12T23:20:50.52+05:30",
      "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999-23:59",
    ],
    tokens: ["T", "Z", "+00:00", "-99:99", ":60", "-00", "-13-", "-02-30", ".", " ", "24:", "+"],
    check: { bytes, _ in
      for isRequired in [true, false] {
        guard let moment = Timestamp(rfc3339: bytes.span, offsetRequired: isRequired) else {
          continue
        }
        var text: [UInt8] = []
        moment.write(into: &text)
        guard text.count == 24, Timestamp(canonical: text.span) == moment else {
          return "the moment does not come back"
        }
      }
      if let moment = Timestamp(canonical: bytes.span) {
        var text: [UInt8] = []
        moment.write(into: &text)
        if text != bytes { return "a canonical moment is written otherwise" }
      }
      return nil
    })

  // MARK: settings and payments

  private static let env = FuzzTarget(
    name: "env",
    corpus: [
      "# a comment\nX402_PRICE_USD=0.05\nPAYMENTS_USE_FAKE=true\n", "\u{FEFF}A=b\r\nC=\"d e\"\r\n",
      "TOLLBOOK_GATEWAY=127.0.0.1:0\nTOLLBOOK_RATE_LIMIT=600/min\nexport L402_SECRET='x'\n",
      "TOLLBOOK_TRUSTED_PROXIES=10.0.0.0/8,::1\nWALLET_POLICY_SESSION_CAP_USD=1\n",
    ],
    tokens: [
      "=", "#", "\n", "\r\n", "\"", "'", "\\", "\0", "export ", "${HOME}", "X402_PRICE_USD", "off",
      "PAYMENT_VERIFIER_MODE=stub", "127.0.0.1:", "99999999999999999999", "/0", "::", "TOLLBOOK_",
    ],
    check: { bytes, _ in
      let file = DotEnv(parsing: bytes)
      let sources = ConfigurationSources(flags: [], environment: [:], file: file)
      do throws(ConfigurationError) {
        _ = try Configuration(home: "/nowhere", sources: sources)
      } catch {
        if error.problems.isEmpty { return "it was refused without a reason" }
        for problem in error.problems where problem.message.isEmpty { return "an empty sentence" }
      }
      return nil
    })

  private static let payment = FuzzTarget(
    name: "payment",
    corpus: ["v1:0.01:proof123", "v1:12.500000:abc-DEF_9", "eyJ4NDAyVmVyc2lvbiI6MX0=", "paid"],
    tokens: [
      "v1:", ":", "0.01", "inf", "nan", "-", "+", "1e9", "0x1p3", ".", "00", " ", "é", "\t",
      "9999999999999999999999999999999999999999", "proof", "_", "{",
    ],
    check: { bytes, _ in
      guard let header = Text(utf8: bytes) else { return nil }
      for mode in VerifierMode.allCases {
        let claim = SeedPayment.claim(payment: [header], paidFlag: nil, mode: mode)
        guard case .proof(_, let paid) = claim else { continue }
        if let paid, paid.units < 0 { return "a negative amount was taken" }
        if mode == .strict, !isSeedForm(bytes) { return "strict took what is not of the form" }
      }
      return nil
    })

  /// `^v1:(0|[1-9][0-9]*)(\.[0-9]{1,6})?:[A-Za-z0-9_-]{6,128}$`, written out a second time.
  private static func isSeedForm(_ bytes: [UInt8]) -> Bool {
    let parts = bytes.split(separator: 0x3A, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].elementsEqual("v1".utf8) else { return false }
    let amount = parts[1].split(separator: 0x2E, omittingEmptySubsequences: false)
    let isDigits = amount.allSatisfy { part in
      !part.isEmpty && part.allSatisfy { (0x30...0x39).contains($0) }
    }
    guard (1...2).contains(amount.count), isDigits, amount[0].count == 1 || amount[0].first != 0x30,
      amount.count == 1 || amount[1].count <= 6
    else { return false }
    let marks = Array("-_".utf8)
    return (6...128).contains(parts[2].count)
      && parts[2].allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || marks.contains($0)
      }
  }
}
