public import JSON

/// For how long what is known of a vendor counts, as the settings in force say.
public struct VendorCachePolicy: Equatable, Sendable {
  /// The seeds' name of the setting, in seconds.
  public static let name: Text = "X402_VENDOR_CACHE_TTL"
  /// One second to a year.
  public static let range: ClosedRange<Int64> = 1...31_536_000

  /// 86,400 unless set.
  public private(set) var seconds: Int64

  public init() { seconds = 86_400 }

  /// - Throws: `Rejection.settingUnreadable`.
  public init(reading settings: [Text: Text]) throws(Rejection) {
    self.init()
    guard let text = settings[VendorCachePolicy.name], !text.isEmpty else { return }
    guard text.utf8Count <= 8, text.string.utf8.allSatisfy({ $0.decimalDigit != nil }),
      let seconds = Int64(text.string), VendorCachePolicy.range.contains(seconds)
    else { throw .settingUnreadable(name: VendorCachePolicy.name, value: text) }
    self.seconds = seconds
  }

  /// The moment from which on what was seen then no longer counts: at exactly 24 h it is stale.
  public func expiry(of moment: Timestamp) -> Timestamp {
    moment.advanced(byMilliseconds: seconds * 1_000)
  }

  /// Whether what was seen then still counts.
  public func isFresh(_ moment: Timestamp, at now: Timestamp) -> Bool {
    now < expiry(of: moment)
  }
}
