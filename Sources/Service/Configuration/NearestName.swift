/// Finds what somebody meant who mistyped a name.
package enum NearestName {
  /// The candidate with the fewest edits, or nil when none is near.
  ///
  /// Case does not count. Near means at most a third of the longer name's length in edits, and
  /// at least one edit is always allowed. Among equals the first candidate wins. Names longer than
  /// 100 bytes are near nothing, which bounds the work on hostile input.
  package static func find(_ name: String, among candidates: [String]) -> String? {
    let wanted = Array(SettingText.lowercased(name).utf8)
    guard !wanted.isEmpty, wanted.count <= 100 else { return nil }
    var best: (name: String, edits: Int)?
    for candidate in candidates {
      let known = Array(SettingText.lowercased(candidate).utf8)
      let edits = distance(wanted, known)
      guard edits <= max(1, max(wanted.count, known.count) / 3) else { continue }
      if let found = best, found.edits <= edits { continue }
      best = (candidate, edits)
    }
    return best?.name
  }

  /// Insertions, deletions, replacements and swaps of neighbours between two byte strings.
  ///
  /// Source: the optimal string alignment distance (Damerau-Levenshtein without moved blocks).
  package static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, leftByte) in left.enumerated() {
      var current = [row + 1]
      for (column, rightByte) in right.enumerated() {
        let replaced = last[column] + (leftByte == rightByte ? 0 : 1)
        var edits = min(replaced, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, leftByte == right[column - 1], left[row - 1] == rightByte {
          edits = min(edits, beforeLast[column - 1] + 1)
        }
        current.append(edits)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}
