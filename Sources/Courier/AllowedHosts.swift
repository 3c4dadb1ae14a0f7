/// The hosts that may be called: exact names, in small letters, on any port.
struct AllowedHosts: Sendable {
  private let names: Set<String>

  /// Takes names as they are written on the command line.
  init(_ names: some Sequence<String>) {
    self.names = Set(names.map { $0.lowercased() })
  }

  /// Whether the host of an address may be called.
  func contains(_ host: String) -> Bool { names.contains(host.lowercased()) }
}
