internal import JSON

/// One call of a node: how it is written, and how strictly its answer is read.
///
/// Source: jsonrpc.org/specification (2.0), ethereum.github.io/execution-apis.
struct RPCMessage {
  private static let limits = JSONLimits(depth: 16, bytes: maxBytes, values: 10_000)
  /// Bytes that an answer may have.
  static let maxBytes = 262_144

  /// Repeated in the answer.
  let id: Int64
  let method: StaticString
  let parameters: [JSONValue]

  var body: [UInt8] {
    var out = JSONWriter()
    out.beginObject()
    out.field("jsonrpc", "2.0")
    out.field("id", id)
    out.field("method", method)
    out.key("params")
    out.value(.array(parameters), sortingMembers: false)
    out.endObject()
    return out.bytes
  }

  /// What the answer gives as its result.
  ///
  /// - Throws: `.badStatus`, `.refused` or `.unreadable`.
  func result(status: Int, body: [UInt8]) throws(ChainFault) -> JSONValue {
    guard status == 200 else { throw .badStatus(status) }
    let parsed: JSONValue
    do throws(JSONError) {
      parsed = try JSONParser.parse(body, limits: RPCMessage.limits)
    } catch {
      throw .unreadable("it is not JSON: \(error.reason.sentence) at byte \(error.offset)")
    }
    guard let answer = parsed.object else { throw .unreadable("it is no object") }
    guard answer["jsonrpc"]?.text == "2.0" else { throw .unreadable("jsonrpc is not 2.0") }
    guard case .number(let number) = answer["id"], number.integer() == id else {
      throw .unreadable("id is not that of the question")
    }
    switch (answer["result"], answer["error"]) {
    case (nil, let error?): throw RPCMessage.refusal(error)
    case (let result?, nil): return result
    case (nil, nil): throw .unreadable("there is neither result nor error")
    case (.some, .some): throw .unreadable("there are both result and error")
    }
  }

  private static func refusal(_ error: JSONValue) -> ChainFault {
    guard let error = error.object, case .number(let number) = error["code"],
      let code = number.integer(), let message = error["message"]?.text
    else { return .unreadable("error has no code and message") }
    return .refused(code: code, message: message.string)
  }
}

/// Numbers as nodes write them.
enum RPCNumber {
  /// A quantity: `0x` and hex digits without a leading zero, `0x0` for zero.
  ///
  /// - Throws: `.unreadable`; `.outOfRange` past 63 bits, which no chain's blocks or id reach.
  static func quantity(_ text: Text, _ what: String) throws(ChainFault) -> Int64 {
    let digits = try hexDigits(text, what)
    guard (1...64).contains(digits.count), digits.count == 1 || digits[0] != 0 else {
      throw .unreadable("\(what) is not a quantity such as 0x1a")
    }
    var value: Int64 = 0
    for digit in digits {
      guard value >> 59 == 0 else { throw .outOfRange(what) }
      value = value << 4 | Int64(digit)
    }
    return value
  }

  /// A word that a contract gives back: `0x` and exactly 64 hex digits, the high ones first.
  ///
  /// - Throws: `.unreadable`; `.outOfRange` past `Int128.max`.
  static func word(_ text: Text, _ what: String) throws(ChainFault) -> Int128 {
    let digits = try hexDigits(text, what)
    guard !digits.isEmpty else { throw .unreadable("\(what) is empty: no contract is there") }
    guard digits.count == 64 else { throw .unreadable("\(what) is not one word of 32 bytes") }
    var value: Int128 = 0
    for digit in digits {
      guard value >> 123 == 0 else { throw .outOfRange(what) }
      value = value << 4 | Int128(digit)
    }
    return value
  }

  private static func hexDigits(_ text: Text, _ what: String) throws(ChainFault) -> [UInt8] {
    let bytes = text.string.utf8
    guard bytes.starts(with: "0x".utf8) else { throw .unreadable("\(what) does not begin with 0x") }
    var digits: [UInt8] = []
    for byte in bytes.dropFirst(2) {
      switch byte {
      case 0x30...0x39: digits.append(byte - 0x30)
      case 0x41...0x46: digits.append(byte - 0x37)
      case 0x61...0x66: digits.append(byte - 0x57)
      default: throw .unreadable("\(what) holds something else than hex digits")
      }
    }
    return digits
  }

  /// A quantity as it is sent.
  static func text(_ value: Int64) -> Text { Text("0x" + String(value, radix: 16)) }
}
