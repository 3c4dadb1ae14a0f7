internal import HTTP
internal import Synchronization

/// The bearer token for a provider: as it is, from a file read at each call, or from a command.
///
/// A command is for tokens that live for minutes and are made for one method and address: it gets
/// both in its environment, prints the token, and is not run again for the same address for
/// `keptMilliseconds`. The token stands in no line, event or answer.
package final class BearerToken: Sendable {
  /// Where it comes from.
  package enum Source: Equatable, Sendable {
    case none
    case value(String)
    case file(String)
    /// For `/bin/sh -c`.
    case command(String)
  }

  /// What was found.
  private enum Found: Equatable, Sendable {
    case none
    case token(String)
    case unreadable
  }

  /// A token and until when it is used, in milliseconds since boot.
  private struct Kept: Sendable {
    let token: String
    let until: Int64
  }

  /// Shorter than the 120 s for which such tokens are usually good.
  static let keptMilliseconds: Int64 = 90_000
  private static let longest = 16_384
  private static let commandMilliseconds: Int64 = 10_000

  private let source: Source
  private let boot: @Sendable () -> Int64
  private let kept = Mutex<[String: Kept]>([:])

  package init(_ source: Source, boot: @escaping @Sendable () -> Int64) {
    self.source = source
    self.boot = boot
  }

  /// Adds the token to a call's headers; false when there should be one and there is none.
  func authorize(_ headers: inout Headers, method: Method, url: String) -> Bool {
    switch read(method: method.name, url: url) {
    case .none: return true
    case .token(let token):
      headers.append("Authorization", "Bearer \(token)")
      return true
    case .unreadable: return false
    }
  }

  private func read(method: String, url: String) -> Found {
    switch source {
    case .none: return .none
    case .value(let token): return .token(token)
    case .file(let path):
      do throws(FileError) {
        guard let bytes = try Files.read(path, limit: BearerToken.longest) else {
          return .unreadable
        }
        return BearerToken.token(in: bytes)
      } catch {
        return .unreadable
      }
    case .command(let command): return run(command, method, url)
    }
  }

  private func run(_ command: String, _ method: String, _ url: String) -> Found {
    let name = "\(method) \(url)"
    let now = boot()
    if let kept = kept.withLock({ $0[name] }), now < kept.until { return .token(kept.token) }
    let output = ShellCommand.output(
      of: command, environment: ["TOLLBOOK_TOKEN_METHOD": method, "TOLLBOOK_TOKEN_URL": url],
      limit: BearerToken.longest, milliseconds: BearerToken.commandMilliseconds,
      boot: boot)
    guard let output, case .token(let token) = BearerToken.token(in: output) else {
      return .unreadable
    }
    let until = now + BearerToken.keptMilliseconds
    kept.withLock { $0[name] = Kept(token: token, until: until) }
    return .token(token)
  }

  /// The visible ASCII of it: one line, blanks around it do not count.
  private static func token(in bytes: [UInt8]) -> Found {
    let blanks: Set<UInt8> = [0x09, 0x0A, 0x0D, 0x20]
    let start = bytes.firstIndex { !blanks.contains($0) } ?? bytes.count
    let end = bytes.lastIndex { !blanks.contains($0) }.map { $0 + 1 } ?? start
    let token = bytes[start..<max(start, end)]
    guard !token.isEmpty, token.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return .unreadable
    }
    return .token(String(decoding: token, as: UTF8.self))
  }
}
