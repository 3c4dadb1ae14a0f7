package import JSON

/// What this program is called and which one it is.
package enum Version {
  /// Semantic version of the program.
  package static let number = "0.1.0"
  /// As it stands in `ledger.opened`.
  package static let software = Text("tollbook \(number)")
}
