/// The open HEAD file of a writer: two slots, written in turn, never synced.
struct MarkFile {
  private let disk: any Disk
  private let file: DiskFile
  private var next: Int

  /// Opens HEAD, makes it if it is not there, and goes on after its newer slot.
  init(disk: any Disk, after slot: Int?) throws(DiskError) {
    self.disk = disk
    file = try disk.open(Layout.head, for: .keeping)
    next = slot.map { 1 - $0 } ?? 0
  }

  /// Notes a mark in the older slot, so that a torn write leaves the other one.
  mutating func note(_ mark: Mark) throws(DiskError) {
    guard let slot = mark.slot() else { return }
    try disk.write(file, slot, at: next * Mark.slotLength)
    next = 1 - next
  }

  func close() { disk.close(file) }
}
