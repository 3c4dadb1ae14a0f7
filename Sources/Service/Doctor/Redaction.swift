internal import Glibc

/// Takes secrets out of a text before it leaves the machine.
///
/// What may be secret: values of the environment and of `.env` that are no public setting of ours,
/// and the files below `data/secrets/`. Public settings are those that `config show` prints.
package struct Redaction: Sendable {
  /// What stands in a secret's place.
  package static let mark = "[redacted]"

  /// The longest first, so that no part of a secret stays behind.
  private let secrets: [[UInt8]]
  /// The home folder's path, which says more about a machine than support must know.
  private let home: [UInt8]

  /// - Parameters:
  ///   - home: the absolute path of the home folder.
  ///   - files: contents of the secrets' files.
  package init(
    environment: [String: String], file: DotEnv?, files: [[UInt8]], home: String
  ) {
    var found: Set<[UInt8]> = []
    for (name, value) in environment where Redaction.isCandidate(name, value, shortest: 16) {
      found.formUnion(Redaction.forms(value))
    }
    for entry in file?.entries ?? []
    where Redaction.isCandidate(entry.name, entry.value, shortest: 6) {
      found.formUnion(Redaction.forms(entry.value))
    }
    for bytes in files { found.formUnion(Redaction.forms(String(decoding: bytes, as: UTF8.self))) }
    secrets = found.sorted {
      $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count > $1.count
    }
    self.home = home.utf8.count > 1 ? Array(home.utf8) : []
  }

  /// The text without secrets, and with `<home>` for the home folder.
  package func apply(_ text: String) -> String {
    var bytes = Array(text.utf8)
    for secret in secrets {
      bytes = Redaction.replace(secret, in: bytes, by: Array(Redaction.mark.utf8))
    }
    if !home.isEmpty { bytes = Redaction.replace(home, in: bytes, by: Array("<home>".utf8)) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether a value must not be seen: always under a name that says so, else when it is long
  /// enough not to be a common word.
  private static func isCandidate(_ name: String, _ value: String, shortest: Int) -> Bool {
    if Settings.all.contains(where: { $0.name == name && !$0.isSecret }) { return false }
    let upper = SettingText.uppercased(name)
    let saysSo = secretWords.contains { upper.contains($0) } || LaterNames.isSecret(name)
    return value.utf8.count >= (saysSo ? 4 : shortest)
  }

  private static let secretWords = [
    "SECRET", "TOKEN", "KEY", "PASS", "PRIVATE", "CRED", "AUTH", "WEBHOOK", "MNEMONIC", "SEED",
    "MACAROON", "DSN",
  ]

  /// The value and its parts between commas and line feeds, each also as JSON would write it.
  private static func forms(_ value: String) -> [[UInt8]] {
    let parts = value.split { $0 == "," || $0 == "\n" || $0 == " " }.map(String.init)
    return ([value] + parts).flatMap { part -> [[UInt8]] in
      let plain = trimmed(part)
      guard plain.count >= 4 else { return [] }
      var escaped: [UInt8] = []
      for byte in plain {
        if byte == 0x22 || byte == 0x5C { escaped.append(0x5C) }
        escaped.append(byte)
      }
      return [plain, escaped]
    }
  }

  private static func trimmed(_ text: String) -> [UInt8] {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    var bytes = Array(text.utf8.drop(while: isBlank))
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return bytes
  }

  private static func replace(_ old: [UInt8], in bytes: [UInt8], by new: [UInt8]) -> [UInt8] {
    guard let first = old.first, bytes.count >= old.count else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] == first, bytes[index...].starts(with: old) {
        result += new
        index += old.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }
}
