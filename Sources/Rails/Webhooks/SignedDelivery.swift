import Digest
import JSON

/// What the headers of a webhook say was signed, and the codes they list for it.
struct SignedDelivery {
  let eventID: Text?
  let signedAt: Int64?
  /// Comes before the body in the signed bytes.
  let prefix: [UInt8]
  /// 32 bytes each.
  let signatures: [[UInt8]]

  init(_ delivery: WebhookDelivery, _ scheme: WebhookScheme) throws(WebhookRefusal) {
    let header = Array(try SignedDelivery.one(delivery.signature).string.utf8)
    guard header.count <= WebhookVerifier.maximumHeaderBytes else { throw .malformedSignature }
    switch scheme {
    case .standard:
      let id = try SignedDelivery.one(delivery.id)
      let timestamp = try SignedDelivery.one(delivery.timestamp)
      guard SignedDelivery.isID(id) else { throw .malformedID }
      signedAt = try SignedDelivery.seconds(Array(timestamp.string.utf8)[...])
      eventID = id
      prefix = Array("\(id).\(timestamp).".utf8)
      signatures = try SignedDelivery.standardSignatures(header)
    case .stripe:
      let (timestamp, listed) = try SignedDelivery.stripeParts(header)
      signedAt = try SignedDelivery.seconds(timestamp)
      eventID = nil
      prefix = timestamp + [0x2E]
      signatures = listed
    case .prefixedHex:
      let mark = Array("sha256=".utf8)
      guard header.starts(with: mark) else { throw .malformedSignature }
      (eventID, signedAt, prefix) = (nil, nil, [])
      signatures = [try SignedDelivery.hex(header[mark.count...])]
    case .bareHex:
      (eventID, signedAt, prefix) = (nil, nil, [])
      signatures = [try SignedDelivery.hex(header[...])]
    }
    guard signatures.count <= WebhookVerifier.maximumSignatures else { throw .tooManySignatures }
  }

  private static func one(_ values: [Text]) throws(WebhookRefusal) -> Text {
    guard values.count <= 1 else { throw .repeatedHeader }
    guard let value = values.first, !value.isEmpty else { throw .missingHeader }
    return value
  }

  /// A point in an id would let one signature stand for two deliveries.
  private static func isID(_ id: Text) -> Bool {
    id.utf8Count <= 255 && id.string.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x2E }
  }

  private static func seconds(_ text: ArraySlice<UInt8>) throws(WebhookRefusal) -> Int64 {
    guard let seconds = PlainNumber.read(text) else { throw .malformedTimestamp }
    return seconds
  }

  private static func hex(_ text: ArraySlice<UInt8>) throws(WebhookRefusal) -> [UInt8] {
    guard let code = Hex.decode(Array(text), acceptingUpperCase: true), code.count == 32 else {
      throw .malformedSignature
    }
    return code
  }

  /// `v1,<base64>` between spaces; other versions are skipped, and so is a `v1` of no SHA-256.
  private static func standardSignatures(_ header: [UInt8]) throws(WebhookRefusal) -> [[UInt8]] {
    let mark = Array("v1,".utf8)
    let listed = header.split(separator: 0x20).filter { $0.starts(with: mark) }
    let codes = listed.compactMap { Base64.decode(Array($0.dropFirst(mark.count))) }
      .filter { $0.count == 32 }
    guard !codes.isEmpty else { throw .malformedSignature }
    return codes
  }

  /// `t=…` once and every `v1=…`, in any order; other keys are skipped.
  private static func stripeParts(
    _ header: [UInt8]
  ) throws(WebhookRefusal) -> (timestamp: ArraySlice<UInt8>, signatures: [[UInt8]]) {
    var timestamp: ArraySlice<UInt8>?
    var codes: [[UInt8]] = []
    for element in header.split(separator: 0x2C) {
      let element = element.drop { $0 == 0x20 }
      guard let equals = element.firstIndex(of: 0x3D) else { continue }
      let value = element[(equals + 1)...]
      if element[..<equals].elementsEqual("t".utf8) {
        guard timestamp == nil else { throw .malformedTimestamp }
        timestamp = value
      } else if element[..<equals].elementsEqual("v1".utf8) {
        guard let code = Hex.decode(Array(value), acceptingUpperCase: true), code.count == 32
        else { continue }
        codes.append(code)
      }
    }
    guard let timestamp else { throw .malformedTimestamp }
    guard !codes.isEmpty else { throw .malformedSignature }
    return (timestamp, codes)
  }
}
