public import JSON

/// Limits by settings: `X402_{AGENT}_DAILY_LIMIT_USDC` and its like, as the log recorded them.
///
/// A name is made from the agent's id and never parsed back: letters upper, all but letters and
/// digits `_`.
public struct BudgetSettings: Equatable, Sendable {
  /// A limit and the record that put it in force.
  struct Entry: Equatable, Sendable {
    let amount: Money
    let seq: UInt64
  }

  /// The most that any one payment may be, whatever the agent's own limit.
  public static let hardLimitName: Text = "X402_HARD_LIMIT_USDC"

  private var entries: [Text: Entry] = [:]

  init() {}

  subscript(name: Text) -> Entry? { entries[name] }

  /// The name for one agent, or of the default when there is none.
  public static func name(_ kind: BudgetKind, of agent: Text?) -> Text {
    let ending = "\(ending(kind))"
    guard let agent else { return Text("X402\(ending)") }
    return Text("X402_\(namePart(of: agent))\(ending)")
  }

  /// What an agent's id is in the name of a setting.
  static func namePart(of agent: Text) -> Text {
    let bytes = agent.string.utf8.map { byte -> UInt8 in
      switch byte {
      case 0x61...0x7A: byte - 0x20
      case 0x30...0x39, 0x41...0x5A: byte
      default: 0x5F
      }
    }
    return Text(String(decoding: bytes, as: UTF8.self))
  }

  /// Whether the name is that of a limit: the hard one, a default, or an agent's.
  public static func isName(_ name: Text) -> Bool {
    if name == hardLimitName { return true }
    let text = name.string
    guard text.hasPrefix("X402_"),
      let ending = BudgetKind.allCases.map({ "\(ending($0))" }).first(where: text.hasSuffix)
    else { return false }
    let middle = text.utf8.dropFirst(4).dropLast(ending.utf8.count)
    return middle.count != 1
      && middle.allSatisfy {
        (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
      }
  }

  private static func ending(_ kind: BudgetKind) -> StaticString {
    switch kind {
    case .daily: "_DAILY_LIMIT_USDC"
    case .monthly: "_MONTHLY_LIMIT_USDC"
    case .perTransaction: "_PER_TRANSACTION_MAX_USDC"
    }
  }

  /// Takes in changed settings; an empty value takes a limit back.
  ///
  /// - Throws: `Rejection.settingUnreadable` with the first value, by name, that is no amount.
  mutating func apply(_ changes: [Text: Text], seq: UInt64) throws(Rejection) {
    var changed = entries
    for (name, value) in changes.sorted(by: { $0.key < $1.key }) where BudgetSettings.isName(name) {
      guard !value.isEmpty else {
        changed[name] = nil
        continue
      }
      do throws(MoneyError) {
        let amount = try Money(decimal: value, asset: .usdc, rounding: .refuse)
        guard amount.units >= 0 else { throw .malformed }
        changed[name] = Entry(amount: amount, seq: seq)
      } catch {
        throw .settingUnreadable(name: name, value: value)
      }
    }
    entries = changed
  }

  func feed(into sink: inout StateSink) {
    sink.word(entries.count)
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
      sink.text(name)
      sink.wide(entry.amount.units)
      sink.word(entry.seq)
    }
  }
}
