import Digest

/// The binary form, version 2: every macaroon has exactly one spelling, and only that is read.
///
/// Source: go-macaroon v2, `marshal-v2.go` and `packet-v2.go`. Stricter than there: no padded
/// lengths and nothing behind the signature, so that one token is one string of bytes.
extension Macaroon {
  /// Reads the binary form. Traps: never.
  public init(binary bytes: [UInt8]) throws(MacaroonFault) {
    guard bytes.count <= Macaroon.maximumBytes else { throw .tooLong }
    var packets = MacaroonPackets(bytes)
    guard try packets.byte() == 2 else { throw .version }
    var head = try packets.next()
    var location: [UInt8]?
    if head.field == .location {
      location = head.content
      head = try packets.next()
    }
    guard head.field == .identifier else { throw .order }
    let identifier = head.content
    guard try packets.next().field == .end else { throw .order }
    var caveats: [[UInt8]] = []
    var packet = try packets.next()
    while packet.field != .end {
      guard packet.field != .location else { throw .thirdParty }
      guard packet.field == .identifier else { throw .order }
      guard caveats.count < Macaroon.maximumCaveats else { throw .tooManyCaveats }
      caveats.append(packet.content)
      let close = try packets.next()
      guard close.field != .verification else { throw .thirdParty }
      guard close.field == .end else { throw .order }
      packet = try packets.next()
    }
    let last = try packets.next()
    guard last.field == .signature else { throw .order }
    guard let signature = SHA256Digest(bytes: last.content) else { throw .signatureLength }
    guard packets.isAtEnd else { throw .trailingBytes }
    self.init(
      location: location, identifier: identifier, caveats: caveats, signature: signature)
  }

  /// The binary form.
  public var binary: [UInt8] {
    var bytes: [UInt8] = [2]
    bytes.reserveCapacity(encodedCount)
    if let location { Macaroon.write(.location, location, to: &bytes) }
    Macaroon.write(.identifier, identifier, to: &bytes)
    bytes.append(MacaroonPackets.Field.end.rawValue)
    for caveat in caveats {
      Macaroon.write(.identifier, caveat, to: &bytes)
      bytes.append(MacaroonPackets.Field.end.rawValue)
    }
    bytes.append(MacaroonPackets.Field.end.rawValue)
    Macaroon.write(.signature, signature.bytes, to: &bytes)
    return bytes
  }

  /// Bytes of the binary form.
  var encodedCount: Int {
    let fixed = 3 + Macaroon.packetCount(identifier.count) + Macaroon.packetCount(32)
    let hint = location.map { Macaroon.packetCount($0.count) } ?? 0
    return caveats.reduce(fixed + hint) { $0 + Macaroon.packetCount($1.count) + 1 }
  }

  /// Bytes of a packet: type, length, content.
  private static func packetCount(_ content: Int) -> Int {
    let bits = Int.bitWidth - content.leadingZeroBitCount
    return 1 + max(1, (bits + 6) / 7) + content
  }

  private static func write(
    _ field: MacaroonPackets.Field, _ content: [UInt8], to bytes: inout [UInt8]
  ) {
    bytes.append(field.rawValue)
    var rest = content.count
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
    bytes += content
  }
}

/// Takes the packets of a macaroon one after the other.
struct MacaroonPackets {
  /// What a packet is; `end` has neither length nor content.
  enum Field: UInt8 {
    case end = 0
    case location = 1
    case identifier = 2
    case verification = 4
    case signature = 6
  }

  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { index == bytes.count }

  mutating func byte() throws(MacaroonFault) -> UInt8 {
    guard index < bytes.count else { throw .truncated }
    defer { index += 1 }
    return bytes[index]
  }

  mutating func next() throws(MacaroonFault) -> (field: Field, content: [UInt8]) {
    guard let field = Field(rawValue: try byte()) else { throw .order }
    guard field != .end else { return (.end, []) }
    let count = try length()
    guard count <= bytes.count - index else { throw .truncated }
    defer { index += count }
    return (field, Array(bytes[index..<(index + count)]))
  }

  /// An unsigned number, seven bits a byte, the lowest first; at most 0x7fffffff.
  private mutating func length() throws(MacaroonFault) -> Int {
    var value = 0
    for shift in stride(from: 0, to: 35, by: 7) {
      let part = try byte()
      value |= Int(part & 0x7F) << shift
      guard part & 0x80 == 0 else { continue }
      guard part != 0 || shift == 0 else { throw .paddedLength }
      guard value <= 0x7FFF_FFFF else { throw .tooLong }
      return value
    }
    throw .tooLong
  }
}
