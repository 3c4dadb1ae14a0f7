/// The entries of all folders of the simulated disk, durable and visible.
struct SimulatedNames: Sendable {
  /// What a name stands for.
  enum Entry: Equatable, Sendable {
    /// The index of a file.
    case file(Int)
    case folder
    case link(String)
    /// A FIFO or device.
    case other
  }

  /// One change of a folder that no sync has made safe yet.
  private enum Change: Sendable {
    case set(String, Entry)
    case remove(String)
    case rename(String, String)

    /// The folder whose sync makes the change durable.
    var folder: String {
      switch self {
      case .set(let path, _), .remove(let path), .rename(_, let path):
        SimulatedNames.folder(of: path)
      }
    }
  }

  private(set) var visible: [String: Entry] = ["": .folder]
  private var durable: [String: Entry] = ["": .folder]
  private var pending: [Change] = []

  subscript(path: String) -> Entry? { visible[path] }

  mutating func set(_ path: String, _ entry: Entry) { make(.set(path, entry)) }
  mutating func remove(_ path: String) { make(.remove(path)) }
  mutating func rename(_ path: String, to newPath: String) { make(.rename(path, newPath)) }

  func names(in folder: String) -> [String] {
    let prefix = folder.isEmpty ? "" : folder + "/"
    let inside = visible.keys.filter { path in
      path.hasPrefix(prefix) && path.utf8.count > prefix.utf8.count
        && !path.dropFirst(prefix.count).utf8.contains(0x2F)
    }
    return inside.map { String($0.dropFirst(prefix.count)) }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  mutating func sync(_ folder: String) {
    for change in pending where change.folder == folder {
      SimulatedNames.perform(change, on: &durable)
    }
    pending.removeAll { $0.folder == folder }
  }

  /// The power goes: every change that was not synced has happened or not, each by itself.
  mutating func cutPower(_ random: inout SplitMix64) {
    let odds = 1 + random.below(3)
    for change in pending where random.once(in: odds) {
      SimulatedNames.perform(change, on: &durable)
    }
    pending.removeAll()
    visible = durable
  }

  private mutating func make(_ change: Change) {
    SimulatedNames.perform(change, on: &visible)
    pending.append(change)
  }

  private static func perform(_ change: Change, on names: inout [String: Entry]) {
    switch change {
    case .set(let path, let entry): names[path] = entry
    case .remove(let path): names[path] = nil
    case .rename(let path, let newPath):
      guard let entry = names.removeValue(forKey: path) else { return }
      names[newPath] = entry
    }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: 0x2F) else { return "" }
    return String(path[..<slash])
  }
}
