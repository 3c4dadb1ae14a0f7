/// The only write in place: the same bytes at the same place, then a sync.
///
/// After a failed sync the kernel may show lost pages as clean, and a bare sync proves nothing.
/// So before anything is served, what the mark does not vouch for is written again.
struct Rewrite {
  private let disk: any Disk
  private static let pieceLength = 1_048_576

  init(disk: any Disk) { self.disk = disk }

  /// Writes the bytes behind the mark again; mark unknown: the last 4 MiB of the last segment.
  ///
  /// `files` end at the last whole unit.
  func run(_ files: [SegmentFile], after mark: Mark?) throws(DiskError) {
    guard let last = files.indices.last else { return }
    var first = last
    var offset = max(0, files[last].size - Layout.batchLimit)
    if let mark, let index = files.firstIndex(where: { $0.name == mark.segment }) {
      first = index
      offset = mark.offset
    }
    for index in first...last {
      try rewrite(files[index], from: index == first ? offset : 0)
    }
    try disk.syncFolder("")
  }

  private func rewrite(_ segment: SegmentFile, from offset: Int) throws(DiskError) {
    let path = segment.name.text
    // A sealed segment is read-only; the seals are put back after this.
    if let entry = try disk.status(path), entry.mode & 0o200 == 0 {
      try disk.setMode(path, 0o640)
    }
    let file = try disk.open(path, for: .writing)
    defer { disk.close(file) }
    var start = offset
    while start < segment.size {
      let end = min(segment.size, start + Rewrite.pieceLength)
      let piece = try disk.read(file, start..<end)
      guard piece.count == end - start else { throw DiskError(.read, path, .shortRead) }
      try disk.write(file, piece, at: start)
      start = end
    }
    // A cut whose sync failed may be as lost as bytes are.
    try disk.truncate(file, to: segment.size)
    try disk.sync(file)
  }
}
