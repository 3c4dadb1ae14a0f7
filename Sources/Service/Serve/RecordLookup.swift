internal import Journal
internal import Ledger

/// Finds one record of the log by its seq.
enum RecordLookup {
  /// The record at a durable seq; nil when there is none.
  static func record(at seq: UInt64, in folder: String) throws -> Record? {
    let disk = try POSIXDisk(folder: folder)
    let reader = try LogReader(disk, whileWriting: true)
    var found: Record?
    try reader.records(from: seq, until: .end) { record in
      found = record.seq == seq ? record : nil
      return false
    }
    return found
  }
}
