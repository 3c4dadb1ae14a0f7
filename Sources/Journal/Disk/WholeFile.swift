/// Writes small files whole.
enum WholeFile {
  /// Makes a file with these bytes, replacing one that is there, and syncs it; the caller syncs
  /// the folder.
  static func write(_ bytes: [UInt8], to path: String, on disk: any Disk) throws(DiskError) {
    try disk.remove(path)
    let file = try disk.open(path, for: .creating)
    defer { disk.close(file) }
    if !bytes.isEmpty { try disk.write(file, bytes, at: 0) }
    try disk.sync(file)
  }

  /// Copies a range of an open file into a new one, piece by piece, and syncs it; the caller syncs
  /// the folder.
  static func copy(
    _ source: DiskFile, _ range: Range<Int>, to path: String, on disk: any Disk
  ) throws(DiskError) {
    try disk.remove(path)
    let file = try disk.open(path, for: .creating)
    defer { disk.close(file) }
    var start = range.lowerBound
    while start < range.upperBound {
      let piece = try disk.read(source, start..<min(range.upperBound, start + 1_048_576))
      guard !piece.isEmpty else { throw DiskError(.read, source.path, .shortRead) }
      try disk.write(file, piece, at: start - range.lowerBound)
      start += piece.count
    }
    try disk.sync(file)
  }

  /// The bytes of a file of at most `limit` bytes; nil when there is none, or a longer one.
  static func read(
    _ path: String, limit: Int, on disk: any Disk
  ) throws(DiskError) -> [UInt8]? {
    guard let entry = try disk.status(path), entry.kind == .file, entry.size <= limit else {
      return nil
    }
    let file = try disk.open(path, for: .reading)
    defer { disk.close(file) }
    return try disk.read(file, 0..<entry.size)
  }
}
