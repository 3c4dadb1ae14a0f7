import Glibc

/// The file of a view that is one document: written whole beside the old one, which it replaces.
///
/// Nobody ever reads half. Used by one thread.
final class DocumentFile {
  let path: String
  private let home: String
  private(set) var change = ViewFile.Change.unchanged

  init(_ path: String, in home: String) {
    self.path = path
    self.home = home
  }

  /// Ends the start: writes the document unless the file holds exactly it.
  ///
  /// - Parameter isFresh: write it whatever is there.
  func settle(_ document: VendorDocument, isFresh: Bool) throws(ViewError) {
    let old = try ViewDescriptor.open(path, in: home)
    if old == nil, document.isEmpty { return }
    let bytes = document.bytes()
    if let old, !isFresh, try old.size() == bytes.count {
      guard try old.read(bytes.count, at: 0) != bytes else { return }
    }
    try write(bytes)
    change = old == nil ? .created : .rebuilt
  }

  /// Puts a document in the place of what is there.
  func write(_ bytes: [UInt8]) throws(ViewError) {
    let temporary = "\(path).tmp\(getpid())"
    let new = try ViewDescriptor.create(temporary, in: home)
    try new.write(bytes[...], at: 0)
    try new.sync()
    try ViewDescriptor.rename(temporary, to: path, in: home)
  }
}
