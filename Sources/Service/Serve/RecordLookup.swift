internal import JSON
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

  /// The hash at the end of the line at a durable seq; nil when there is none.
  static func hash(at seq: UInt64, in folder: String) throws -> Text? {
    let disk = try POSIXDisk(folder: folder)
    let reader = try LogReader(disk, whileWriting: true)
    var found: Text?
    try reader.lines(from: seq, until: .end) { line in
      found = line.seq == seq ? Text(line.hash) : nil
      return false
    }
    return found
  }
}
