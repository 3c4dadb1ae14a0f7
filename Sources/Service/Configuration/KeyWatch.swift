/// Keeps private keys out of the configuration: signing happens elsewhere (WAL-08, WAL-09).
///
/// Nothing here repeats a value. What looks like a key is refused rather than warned about: by the
/// time somebody reads a warning, the file is in a backup.
enum KeyWatch {
  /// Settings that hold 64 hexadecimal digits by right: secrets shared with others, which sign
  /// no transfer.
  static let exempt = [
    "L402_SECRET", "L402_SECRET_PREVIOUS", "PAYMENT_WEBHOOK_SECRET",
    "PAYMENT_WEBHOOK_SECRET_PREVIOUS",
  ]

  /// Parts of names under which only a key, or the words that make one, can stand.
  private static let tellingNames = ["PRIVATE_KEY", "MNEMONIC", "SEED_PHRASE"]

  /// Whether the value looks like a private key: by its name, as 64 hexadecimal digits with or
  /// without `0x`, or in PEM form.
  static func looksLikePrivateKey(name: String, value: String) -> Bool {
    if value.isEmpty { return false }
    let upper = SettingText.uppercased(name)
    if tellingNames.contains(where: { contains(upper, $0) }) { return true }
    if value.hasPrefix("-----BEGIN"), contains(value, "PRIVATE KEY-----") { return true }
    if exempt.contains(name) { return false }
    let bytes = SettingText.lowercased(value).utf8
    let digits = bytes.starts(with: "0x".utf8) ? bytes.dropFirst(2) : bytes[...]
    return digits.count == 64
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// Whether a value may hold a key somewhere, mistyped or not: then no message repeats it.
  static func mayHoldKey(_ value: String) -> Bool {
    var run = 0
    for byte in SettingText.lowercased(value).utf8 {
      run = (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) ? run + 1 : 0
      if run >= 48 { return true }
    }
    return false
  }

  private static func contains(_ text: String, _ part: String) -> Bool {
    var rest = text.utf8[...]
    while !rest.isEmpty {
      if rest.starts(with: part.utf8) { return true }
      rest = rest.dropFirst()
    }
    return false
  }
}

extension ConfigurationSources {
  /// Variables of the environment that look like private keys, in the order of their names.
  func keysInEnvironment() -> [ConfigurationProblem] {
    environment.filter { KeyWatch.looksLikePrivateKey(name: $0.key, value: $0.value) }
      .map(\.key).sorted().map { .privateKeyInEnvironment($0) }
  }
}
