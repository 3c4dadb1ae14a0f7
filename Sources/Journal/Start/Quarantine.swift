import Ledger

/// The folder that keeps what was cut from the log, each piece under a name of its own.
struct Quarantine {
  private let disk: any Disk

  init(disk: any Disk) { self.disk = disk }

  private static let temporary = ".tmp"

  /// The names of all pieces; copies that were never finished do not count.
  func pieces() throws(DiskError) -> [String] {
    try disk.list(Layout.quarantine).filter { !$0.hasSuffix(Quarantine.temporary) }
  }

  /// Bytes in a piece; for a folder those of its files together.
  func size(of piece: String) throws(DiskError) -> Int {
    let path = "\(Layout.quarantine)/\(piece)"
    guard let entry = try disk.status(path), entry.kind != .folder else {
      var sum = 0
      for name in try disk.list(path) {
        if let entry = try disk.status("\(path)/\(name)") { sum += entry.size }
      }
      return sum
    }
    return entry.size
  }

  /// Makes a durable copy of the end of a segment.
  ///
  /// The name says which segment and from which byte on; the same bytes get the same name again,
  /// so that a repair can be repeated after a crash.
  /// - Returns: the name below the quarantine folder.
  func keep(_ file: SegmentFile, from offset: Int) throws(DiskError) -> String {
    try disk.makeFolder(Layout.quarantine)
    let bytes = try Quarantine.read(disk, file.name.text, offset..<file.size)
    let stem = file.name.text.prefix { $0 != "." }
    var number = 0
    while true {
      let name = "\(stem)-\(offset)-\(number).torn"
      let path = "\(Layout.quarantine)/\(name)"
      guard let entry = try disk.status(path) else {
        try write(bytes, path)
        return name
      }
      if entry.kind == .file, entry.size == bytes.count,
        try Quarantine.read(disk, path, 0..<bytes.count) == bytes
      {
        try disk.syncFolder(Layout.quarantine)
        return name
      }
      number += 1
    }
  }

  /// Makes a folder for whole segments; its name is free.
  func makeFolder(_ stem: String) throws(DiskError) -> String {
    try disk.makeFolder(Layout.quarantine)
    var number = 0
    while try disk.status("\(Layout.quarantine)/\(stem)-\(number)") != nil { number += 1 }
    try disk.makeFolder("\(Layout.quarantine)/\(stem)-\(number)")
    try disk.syncFolder("")
    try disk.syncFolder(Layout.quarantine)
    return "\(stem)-\(number)"
  }

  /// The segment that a piece was cut from, as its name says.
  static func segment(of piece: String) -> String {
    let stem = String(piece.prefix(23)) + Layout.segmentSuffix
    return SegmentName(stem)?.text ?? piece
  }

  /// Removes copies that were never finished.
  func tidy() throws(DiskError) {
    for name in try disk.list(Layout.quarantine) where name.hasSuffix(Quarantine.temporary) {
      try disk.remove("\(Layout.quarantine)/\(name)")
    }
  }

  private func write(_ bytes: [UInt8], _ path: String) throws(DiskError) {
    let temporary = path + Quarantine.temporary
    do {
      try WholeFile.write(bytes, to: temporary, on: disk)
    } catch {
      // The repair does not happen, so nothing of it shall stay; its failure is what counts.
      do { try disk.remove(temporary) } catch {}
      throw error
    }
    try disk.rename(temporary, to: path)
    try disk.syncFolder(Layout.quarantine)
    try disk.syncFolder("")
  }

  private static func read(
    _ disk: any Disk, _ path: String, _ range: Range<Int>
  ) throws(DiskError) -> [UInt8] {
    let file = try disk.open(path, for: .reading)
    defer { disk.close(file) }
    return try disk.read(file, range)
  }
}
