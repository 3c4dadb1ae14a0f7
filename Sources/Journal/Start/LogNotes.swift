import JSON
import Ledger

/// What a start must know of the records that went by.
struct LogNotes {
  /// The ledger's own name; nil before its first record.
  private(set) var ledgerID: String?
  /// The seals in order.
  private(set) var seals: [SealedSegment] = []
  /// Names in quarantine that have their event.
  private(set) var quarantined: Set<String> = []

  mutating func take(_ record: Record) {
    switch record.event {
    case .ledgerOpened(let event):
      if ledgerID == nil { ledgerID = event.ledgerID.string }
    case .segmentSealed(let event):
      seals.append(SealedSegment(name: event.segment.string, sha256: event.sha256))
    case .ledgerTailRepaired(let event): quarantined.insert(event.quarantineFile.string)
    case .ledgerRestored(let event):
      if let name = event.quarantine { quarantined.insert(name.string) }
    default: break
    }
  }
}
