import JSON
import Journal
import Ledger

/// A ledger on a simulated disk, written line by line.
struct Bench {
  let disk: SimulatedDisk
  static let noon = Timestamp(milliseconds: 1_760_011_200_000)

  init() { disk = SimulatedDisk(seed: 1, plan: .none) }

  init(_ disk: SimulatedDisk) { self.disk = disk }

  static func options(
    at now: Timestamp, limit: Int, id: Text
  ) -> StartOptions {
    StartOptions(
      now: now, newLedgerID: id, software: "test 1", segmentLimit: limit, threads: 1)
  }

  /// Starts the ledger; gives the records that the start handed out too.
  func start(
    at now: Timestamp = noon, limit: Int = Layout.segmentLimit, id: Text = "led_1"
  ) throws(JournalError) -> (started: StartedLedger, records: [Record]) {
    var records: [Record] = []
    let options = Bench.options(at: now, limit: limit, id: id)
    let started = try LedgerStart.open(disk, options) { records.append($0) }
    return (started, records)
  }

  /// A line of a type that this program knows, or does not.
  static func line(
    seq: UInt64, type: String, more: Bool, at now: Timestamp = noon, data: String
  ) -> [UInt8] {
    let flag = more ? ",\"more\":true" : ""
    let zeros = String(repeating: "0", count: 64)
    return Array(
      """
      {"seq":\(seq),"at":"\(now)","type":"\(type)","subject":"config","actor":"tollbook"\(flag),\
      "data":\(data),"hash":"\(zeros)"}

      """.utf8)
  }

  /// A line with settings that mean nothing.
  static func line(seq: UInt64, more: Bool = false, at now: Timestamp = noon) -> [UInt8] {
    line(
      seq: seq, type: "config.applied", more: more, at: now,
      data: "{\"settings\":{\"n\":\"\(seq)\"}}")
  }

  /// Appends lines as one batch.
  static func append(
    _ lines: [[UInt8]], to appender: inout Appender
  ) throws(DiskLost) {
    var batch = Batch()
    for line in lines { batch.add(line, records: 1, opening: nil) }
    try appender.append(&batch)
  }

  func verify() throws(JournalError) -> LogVerification {
    try LogVerification.run(disk, threads: 1, whileWriting: false) { _ in nil }
  }

  /// Replaces a file's bytes.
  func edit(_ path: String, _ change: (inout [UInt8]) -> Void) {
    var bytes = disk.contents(of: path) ?? []
    change(&bytes)
    disk.place(path, bytes)
  }
}
