import Digest
import Ledger

/// How far the log is known to be durable: the end of a batch whose sync has returned.
///
/// It may lag behind the truth, never run ahead of it.
public struct Mark: Equatable, Sendable {
  public let ledgerID: String
  public let segment: SegmentName
  /// Of the last durable line.
  public let seq: UInt64
  /// Bytes of the segment up to and with that line.
  public let offset: Int
  /// The hash in that line: 64 hex digits.
  public let hash: String

  init(ledgerID: String, segment: SegmentName, seq: UInt64, offset: Int, hash: String) {
    self.ledgerID = ledgerID
    self.segment = segment
    self.seq = seq
    self.offset = offset
    self.hash = hash
  }

  /// Bytes of one slot: a sector.
  static let slotLength = 512

  /// The slot: one JSON line, padded with blanks to `slotLength`; `check` is the SHA-256 of the
  /// bytes before it. Nil when the ledger's id is too long for it.
  func slot() -> [UInt8]? {
    let text =
      "{\"ledger_id\":\"\(ledgerID)\",\"segment\":\"\(segment)\",\"seq\":\(seq),"
      + "\"offset\":\(offset),\"hash\":\"\(hash)\""
    let body = Array(text.utf8)
    var bytes = body + Array(",\"check\":\"\(Mark.check(body))\"}".utf8)
    guard bytes.count < Mark.slotLength, !ledgerID.utf8.contains(where: Mark.needsEscape)
    else { return nil }
    bytes.append(contentsOf: repeatElement(0x20, count: Mark.slotLength - 1 - bytes.count))
    bytes.append(0x0A)
    return bytes
  }

  /// Reads a slot; nil when it is not exactly what `slot` makes of a mark.
  init?(slot bytes: ArraySlice<UInt8>) {
    guard let end = bytes.lastIndex(of: 0x7D) else { return nil }
    var scan = SlotScan(bytes[...end])
    guard scan.skip("{\"ledger_id\":\""), let ledgerID = scan.text(),
      scan.skip("\",\"segment\":\""), let name = scan.text(), let segment = SegmentName(name),
      scan.skip("\",\"seq\":"), let seq = scan.number(),
      scan.skip(",\"offset\":"), let position = scan.number(), let offset = Int(exactly: position),
      scan.skip(",\"hash\":\""), let hash = scan.text()
    else { return nil }
    self.init(ledgerID: ledgerID, segment: segment, seq: seq, offset: offset, hash: hash)
    guard let slot = slot(), slot[...] == bytes else { return nil }
  }

  private static func check(_ body: [UInt8]) -> String {
    body.withUnsafeBytes { SHA256.hash($0).hex }
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x22 || byte == 0x5C
  }
}

extension Mark {
  /// What HEAD says: the mark of the higher seq among the readable slots.
  /// - Returns: nil when there is none; the index of its slot beside it.
  public static func read(from disk: any Disk) throws(DiskError) -> (mark: Mark, slot: Int)? {
    guard let entry = try disk.status(Layout.head), entry.kind == .file else { return nil }
    let file = try disk.open(Layout.head, for: .reading)
    defer { disk.close(file) }
    let bytes = try disk.read(file, 0..<2 * slotLength)
    var best: (mark: Mark, slot: Int)?
    for slot in 0..<2 where bytes.count >= (slot + 1) * slotLength {
      let range = slot * slotLength..<(slot + 1) * slotLength
      guard let mark = Mark(slot: ArraySlice(Array(bytes[range]))) else { continue }
      if best.map({ $0.mark.seq < mark.seq }) ?? true { best = (mark, slot) }
    }
    return best
  }
}

/// Reads the fixed text of a slot from left to right.
private struct SlotScan {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func skip(_ literal: StaticString) -> Bool {
    literal.withUTF8Buffer { wanted in
      guard rest.starts(with: wanted) else { return false }
      rest = rest.dropFirst(wanted.count)
      return true
    }
  }

  /// Everything up to the next quote.
  mutating func text() -> String? {
    guard let end = rest.firstIndex(of: 0x22) else { return nil }
    defer { rest = rest[end...] }
    return String(validating: rest[..<end], as: UTF8.self)
  }

  mutating func number() -> UInt64? {
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    defer { rest = rest.dropFirst(digits.count) }
    return UInt64(String(decoding: digits, as: UTF8.self))
  }
}
