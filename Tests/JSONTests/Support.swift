import JSON
import Seeded

/// What the parser makes of a text.
enum Parsed: Equatable {
  case value(JSONValue)
  case fault(Int, JSONError.Reason)
}

func parsed(_ bytes: [UInt8], _ limits: JSONLimits = .standard) -> Parsed {
  do throws(JSONError) {
    return .value(try JSONParser.parse(bytes, limits: limits))
  } catch {
    return .fault(error.offset, error.reason)
  }
}

func parsed(_ text: String, _ limits: JSONLimits = .standard) -> Parsed {
  parsed(Array(text.utf8), limits)
}

/// The canonical bytes that a few writer calls make, as a string.
func written(_ body: (inout JSONWriter) -> Void) -> String {
  var writer = JSONWriter()
  body(&writer)
  return String(decoding: writer.bytes, as: UTF8.self)
}

/// Lends the bytes with the slack that a predicting reader needs.
///
/// The slack is filled with what would do most harm when it were taken for the text: quotes,
/// braces and commas.
func withSlack<R>(_ bytes: [UInt8], _ body: (UnsafePointer<UInt8>, Int) -> R) -> R {
  var padded = bytes
  while padded.count < bytes.count + FieldReader.slack {
    padded.append(contentsOf: [0x22, 0x7D, 0x2C, 0x22])
  }
  return padded.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { fatalError("an array with slack is not empty") }
    return body(base, bytes.count)
  }
}

/// Random JSON values, texts full of what is hard to write.
enum RandomJSON {
  static func text(_ random: inout SplitMix64) -> Text {
    let scalars: [Unicode.Scalar] = [
      "\"", "\\", "/", "\u{0}", "\u{8}", "\t", "\n", "\u{B}", "\u{C}", "\r", "\u{1F}", " ",
      "\u{7F}", "\u{80}", "é", "e", "\u{301}", "ÿ", "߿", "ࠀ", "\u{D7FF}", "\u{E000}", "\u{FFFF}",
      "\u{10000}", "😀", "\u{10FFFF}", "{", "}", ",", ":",
    ]
    var view = String.UnicodeScalarView()
    let plainOnly = random.below(2) == 0
    for _ in 0..<random.below([2, 8, 17, 40, 90][random.below(5)]) {
      if plainOnly || random.below(4) > 0 {
        view.append(Unicode.Scalar(UInt8(0x61 + random.below(26))))
      } else {
        view.append(scalars[random.below(scalars.count)])
      }
    }
    return Text(String(view))
  }

  static func number(_ random: inout SplitMix64) -> JSONNumber {
    let digits = String(random.next() >> UInt64(random.below(64)))
    var text = random.below(2) == 0 ? digits : "-" + digits
    if random.below(3) == 0 { text += "." + String(random.next()) }
    if random.below(3) == 0 { text += ["e", "E", "e+", "E-"][random.below(4)] + digits }
    guard let number = JSONNumber(Text(text)) else { fatalError("\(text) is a number") }
    return number
  }

  static func value(_ random: inout SplitMix64, depth: Int) -> JSONValue {
    switch random.below(depth > 0 ? 8 : 5) {
    case 0: return .null
    case 1: return .bool(random.below(2) == 0)
    case 2: return .number(number(&random))
    case 3, 4: return .string(text(&random))
    case 5: return .array((0..<random.below(6)).map { _ in value(&random, depth: depth - 1) })
    default:
      var names: Set<Text> = []
      var members: [JSONObject.Member] = []
      for _ in 0..<random.below([3, 9, 40][random.below(3)]) {
        let name = text(&random)
        guard names.insert(name).inserted else { continue }
        members.append(.init(name: name, value: value(&random, depth: depth - 1)))
      }
      guard let object = JSONObject(members) else { fatalError("the names are different") }
      return .object(object)
    }
  }
}
