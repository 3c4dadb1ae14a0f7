/// The link `current`, which `tail -F` follows to the open segment.
enum CurrentLink {
  private static let temporary = "current.new"

  /// Points the link at a segment in one step; the caller syncs the folder.
  static func point(to segment: SegmentName, on disk: any Disk) throws(DiskError) {
    guard try disk.target(of: Layout.current) != segment.text else { return }
    try disk.remove(temporary)
    try disk.link(temporary, to: segment.text)
    try disk.rename(temporary, to: Layout.current)
  }
}
