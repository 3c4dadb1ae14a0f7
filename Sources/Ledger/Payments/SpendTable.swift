/// What a total of completed payments is kept for.
struct SpendKey: Hashable, Sendable {
  /// The (agent, network), as the party table numbers it.
  let account: UInt32
  let day: Day
  let asset: Asset
}

/// Totals of completed payments by account, UTC day and asset.
///
/// An account mostly adds to the day that it added to last, so that place is remembered.
struct SpendTable: Sendable {
  private var places: [SpendKey: Int] = [:]
  private var keys: [SpendKey] = []
  private var sums: [PaymentTotal] = []
  /// By account, the place of its last total; -1 before the first.
  private var last: [Int] = []

  /// Every total with what it is kept for, in order of appearance.
  var totals: [(key: SpendKey, total: PaymentTotal)] { Array(zip(keys, sums)) }

  /// The total kept for a key; nil when nothing was added.
  subscript(key: SpendKey) -> PaymentTotal? { places[key].map { sums[$0] } }

  mutating func add(_ units: Int128, to account: UInt32, on day: Day, _ asset: Asset) {
    sums[place(of: SpendKey(account: account, day: day, asset: asset))].add(units)
  }

  /// Takes in the totals of a table whose accounts have other numbers: theirs to ours.
  mutating func merge(_ later: SpendTable, accounts: [UInt32]) {
    for (key, total) in later.totals {
      let mine = SpendKey(account: accounts[Int(key.account)], day: key.day, asset: key.asset)
      sums[place(of: mine)].add(total)
    }
  }

  private mutating func place(of key: SpendKey) -> Int {
    let account = Int(key.account)
    while last.count <= account { last.append(-1) }
    if last[account] >= 0, keys[last[account]] == key { return last[account] }
    let place = places[key] ?? keys.count
    if place == keys.count {
      places[key] = place
      keys.append(key)
      sums.append(PaymentTotal())
    }
    last[account] = place
    return place
  }
}

extension SpendTable: Equatable {
  /// The same totals in the same order.
  static func == (left: SpendTable, right: SpendTable) -> Bool {
    left.keys == right.keys && left.sums == right.sums
  }
}
