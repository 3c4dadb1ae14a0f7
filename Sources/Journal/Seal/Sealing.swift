import Digest
import JSON
public import Ledger

/// A finished segment and the hash that it must have for ever.
public struct SealedSegment: Equatable, Sendable {
  /// File name.
  public let name: String
  /// Of the whole file.
  public let sha256: Fingerprint

  public init(name: String, sha256: Fingerprint) {
    self.name = name
    self.sha256 = sha256
  }
}

/// The seal of finished segments: their hash, their mode, and the view `SHA256SUMS`.
///
/// Runs beside the writer; the event in between is the ledger's business.
public enum Sealing {
  private static let pieceLength = 262_144
  private static let sealedMode: UInt32 = 0o440

  /// Reads a finished segment and gives the command that notes its seal.
  /// - Throws: `.disk` when it cannot be read; `.damage` when it does not end in a line.
  public static func seal(
    _ segment: SegmentName, on disk: any Disk
  ) throws(JournalError) -> SealSegment {
    let tally = try disk.asking { disk throws(DiskError) -> Tally in
      try Sealing.tally(segment, disk)
    }
    guard let last = LineEnd(tally.tail), let lastHash = Fingerprint(hex: last.hash.span),
      let sha256 = Fingerprint(hex: Array(tally.digest.hex.utf8).span)
    else {
      throw .damage(
        LogFault(
          file: segment.text, line: 0, offset: tally.bytes, problem: .unfinished,
          expected: "a whole line at the end of a finished segment"))
    }
    return SealSegment(
      segment: Text(segment.text), firstSeq: segment.firstSeq,
      lastSeq: segment.firstSeq + UInt64(tally.lines) - 1, lastHash: lastHash,
      bytes: tally.bytes, sha256: sha256)
  }

  /// Makes the sealed segments read-only and brings `SHA256SUMS` up to date.
  ///
  /// `seals` are all of the ledger, in order; what is right already is left alone. Segments that
  /// are not there (an old part of the log kept elsewhere) keep their lines.
  /// - Throws: `DiskError`; nothing of the log depends on this having worked.
  public static func publish(_ seals: [SealedSegment], on disk: any Disk) throws(DiskError) {
    for seal in seals {
      guard let entry = try disk.status(seal.name), entry.kind == .file else { continue }
      if entry.mode != sealedMode { try disk.setMode(seal.name, sealedMode) }
    }
    var text: [UInt8] = []
    for seal in seals {
      seal.sha256.writeHex(into: &text)
      text.append(contentsOf: "  \(seal.name)\n".utf8)
    }
    if seals.isEmpty, try disk.status(Layout.sums) == nil { return }
    guard try WholeFile.read(Layout.sums, limit: text.count, on: disk) != text else { return }
    let temporary = Layout.sums + ".tmp"
    try WholeFile.write(text, to: temporary, on: disk)
    try disk.rename(temporary, to: Layout.sums)
    try disk.syncFolder("")
  }

  /// What one pass over the file finds.
  private struct Tally {
    var bytes = 0
    var lines = 0
    var digest = SHA256Digest.zero
    /// The last bytes of the file.
    var tail: [UInt8] = []
  }

  private static func tally(_ segment: SegmentName, _ disk: any Disk) throws(DiskError) -> Tally {
    let file = try disk.open(segment.text, for: .reading)
    defer { disk.close(file) }
    var tally = Tally()
    var sha = SHA256()
    var piece = [UInt8](repeating: 0, count: pieceLength)
    while true {
      let count = try disk.read(file, into: &piece, at: tally.bytes)
      guard count > 0 else { break }
      piece.withUnsafeBytes { sha.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      for byte in piece[..<count] where byte == 0x0A { tally.lines += 1 }
      tally.tail = Array((tally.tail + piece[..<count]).suffix(128))
      tally.bytes += count
    }
    tally.digest = sha.finalize()
    return tally
  }
}

/// The hash at the end of a line.
private struct LineEnd {
  let hash: [UInt8]

  /// Reads it from the last bytes of a file that ends in a line; nil when it does not.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Layout.hashFieldLength + 1, bytes.last == 0x0A else { return nil }
    hash = Array(bytes[bytes.count - 67..<bytes.count - 3])
  }
}
