import Glibc

/// One view's file, brought to its fold and then kept there.
///
/// First the lines of the fold are compared with what is there: as long as they agree nothing is
/// written, and where the file ends they are appended. At the first difference the view is written
/// anew beside the old one and takes its place when it is whole, so that nobody ever reads half.
/// Later lines are appended. Used by one thread.
final class ViewFile {
  /// What the file is being used for.
  private enum Mode {
    /// Comparing with what was there.
    case comparing(ViewDescriptor)
    /// Nothing was there.
    case missing
    /// Appending to the file under its name.
    case following(ViewDescriptor)
    /// Writing anew under another name.
    case renewing(ViewDescriptor)
  }

  /// What was done to the file.
  enum Change: String, Sendable {
    case unchanged, resumed, rebuilt, created
  }

  let path: String
  private let home: String
  private var mode: Mode
  private(set) var change = Change.unchanged
  /// Bytes of the fold that are in the file.
  private var done = 0
  /// Bytes of the fold that are not in the file yet.
  private var pending: [UInt8] = []
  /// What the old file holds from `done` on, as far as it was read.
  private var ahead: ArraySlice<UInt8> = []
  /// Whether the comparing is over.
  private var isSettled = false
  private static let block = 65_536

  /// - Parameter isFresh: write it anew whatever is there.
  init(_ path: String, in home: String, isFresh: Bool) throws(ViewError) {
    self.path = path
    self.home = home
    let old = try ViewDescriptor.open(path, in: home)
    if let old { mode = .comparing(old) } else { mode = .missing }
    if isFresh, let old { try renew(keeping: 0, of: old) }
  }

  /// Takes the next bytes of the fold.
  func add(_ line: ArraySlice<UInt8>) throws(ViewError) {
    guard case .comparing(let old) = mode else {
      if case .missing = mode, !isSettled {
        mode = .renewing(try ViewDescriptor.create(temporary, in: home))
        change = .created
      }
      pending.append(contentsOf: line)
      if pending.count >= ViewFile.block { try flush() }
      return
    }
    var rest = line
    while !rest.isEmpty {
      if ahead.isEmpty { ahead = try old.read(ViewFile.block, at: done)[...] }
      guard !ahead.isEmpty else {
        // The file is a prefix of the fold, perhaps up to within a line.
        mode = .following(old)
        change = .resumed
        pending.append(contentsOf: rest)
        return
      }
      let count = min(rest.count, ahead.count)
      guard rest.prefix(count) == ahead.prefix(count) else {
        let whole = done - (line.count - rest.count)
        try renew(keeping: whole, of: old)
        pending.append(contentsOf: line)
        return
      }
      rest = rest.dropFirst(count)
      ahead = ahead.dropFirst(count)
      done += count
    }
  }

  /// Ends the comparing: the file is now its fold.
  func settle() throws(ViewError) {
    if case .comparing(let old) = mode {
      if try old.size() > done {
        try renew(keeping: done, of: old)
      } else {
        mode = .following(old)
      }
    }
    ahead = []
    isSettled = true
    try flush()
    guard case .renewing(let new) = mode else { return }
    try new.sync()
    try ViewDescriptor.rename(temporary, to: path, in: home)
    mode = .following(new)
  }

  /// Writes what is pending.
  func flush() throws(ViewError) {
    guard !pending.isEmpty else { return }
    switch mode {
    case .comparing: return
    case .renewing(let new): try new.write(pending[...], at: done)
    case .missing:
      let new = try ViewDescriptor.create(temporary, in: home)
      try new.write(pending[...], at: done)
      try ViewDescriptor.rename(temporary, to: path, in: home)
      mode = .following(new)
    case .following(let file): try follow(file)
    }
    done += pending.count
    pending.removeAll(keepingCapacity: true)
  }

  /// Appends to the file under the view's name, which may by now be another one: somebody removed
  /// it, or `view rebuild` has replaced it. What the new one lacks is copied from the old one.
  private func follow(_ file: ViewDescriptor) throws(ViewError) {
    let isOurs = try ViewDescriptor.identity(of: path, in: home) == file.identity()
    guard !isOurs else { return try file.write(pending[...], at: done) }
    guard let other = try ViewDescriptor.open(path, in: home) else {
      let new = try ViewDescriptor.create(temporary, in: home)
      try file.copy(0..<done, to: new)
      try new.write(pending[...], at: done)
      try ViewDescriptor.rename(temporary, to: path, in: home)
      mode = .following(new)
      return
    }
    let size = try other.size()
    if size < done { try file.copy(size..<done, to: other) }
    // A rebuild reads the log itself and may be ahead of what we were told; same fold, same bytes.
    try other.write(pending[...], at: done)
    mode = .following(other)
  }

  /// Begins a new file with what the old one has right.
  private func renew(keeping count: Int, of old: ViewDescriptor) throws(ViewError) {
    let new = try ViewDescriptor.create(temporary, in: home)
    try old.copy(0..<count, to: new)
    done = count
    ahead = []
    mode = .renewing(new)
    change = .rebuilt
  }

  private var temporary: String { "\(path).tmp\(getpid())" }
}
