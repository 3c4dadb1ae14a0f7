internal import Digest
internal import Glibc
internal import JSON
internal import Ledger
internal import Rails

/// The document that a run leaves behind: everything it found, the log only the first thousand.
struct JobReport {
  let job: Text
  let run: RunID
  /// When the run was made.
  let at: Timestamp
  let book: Book
  let window: JobWindow
  let result: JobResult
  let foldedTo: UInt64

  func write(to out: inout JSONWriter) {
    out.beginObject()
    out.field("job", job)
    out.field("run_id", run.text)
    out.moment("timestamp", at)
    out.field("book", book.name)
    out.moment("window_from", window.start)
    out.moment("window_to", window.end)
    out.field("status", result.status.name)
    out.field("folded_to_seq", foldedTo)
    out.key("counts")
    out.beginObject()
    for (name, count) in result.counts.sorted(by: { $0.key < $1.key }) {
      out.key(name)
      out.integer(count)
    }
    out.endObject()
    out.key("findings")
    out.beginArray()
    for finding in result.findings {
      out.beginObject()
      finding.write(to: &out)
      out.endObject()
    }
    out.endArray()
    out.endObject()
  }

  /// Puts the report into `data/sync_reports/PREFIX_YYYYMMDD_HHMMSS.json`, `_2` and so on for more
  /// in one second; it is on the disk when this returns.
  ///
  /// The run's lock keeps two from choosing one name.
  func save(home: String, prefix: String) throws(FileError) -> JobCompleted.Report {
    let folder = "data/sync_reports"
    try Files.makeFolder("\(home)/\(folder)", mode: 0o750)
    let stem = "\(folder)/\(prefix)_\(JobReport.stamp(at))"
    var path = "\(stem).json"
    var number = 1
    while access("\(home)/\(path)", F_OK) == 0 {
      number += 1
      path = "\(stem)_\(number).json"
    }
    var out = JSONWriter()
    write(to: &out)
    out.bytes.append(0x0A)
    try Files.replace("\(home)/\(path)", with: out.bytes, mode: 0o640)
    try Files.syncFolder("\(home)/\(folder)")
    return JobCompleted.Report(path: Text(path), sha256: Fingerprint(SHA256.hash(out.bytes)))
  }

  /// `20251116_030000`.
  static func stamp(_ moment: Timestamp) -> String {
    let digits = "\(moment)".utf8.filter { (0x30...0x39).contains($0) }
    let text = String(decoding: digits, as: UTF8.self)
    return "\(text.prefix(8))_\(text.dropFirst(8).prefix(6))"
  }
}

extension Files {
  /// Makes the names in a folder as lasting as the files themselves.
  static func syncFolder(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(path) }
  }
}
