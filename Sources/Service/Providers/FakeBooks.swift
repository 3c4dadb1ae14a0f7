package import JSON
package import Ledger
internal import Synchronization

/// The fake provider's own books: what it was paid, under which key, in a file of its own.
///
/// Not derived from the log and not told to it, so that what the ledger believes can be compared
/// with what was taken. Survives the death of the process, not that of the machine.
package final class FakeBooks: Sendable {
  /// One order that the provider has carried out or refused for ever.
  package struct Entry: Equatable, Sendable {
    package let key: Text
    /// `pay`, `authorize`, `capture`, `cancel`.
    package let kind: Text
    /// The hold that it is about.
    package let hold: Text?
    package let vendor: Text
    package let amount: Money
    /// Whether it was carried out.
    package let isDone: Bool
    /// Whether money was taken by it.
    package var isTaken: Bool { isDone && (kind == "pay" || kind == "capture") }
    /// What the provider calls it.
    package let reference: Text
  }

  /// What is held under the lock.
  private struct Shelf: Sendable {
    var entries: [Text: Entry] = [:]
    /// What ended a hold, by the key of the hold.
    var ends: [Text: Entry] = [:]
    /// Orders taken, by vendor and amount; each key counts once.
    var takenCount = 0
    var takenUnits: Int128 = 0
  }

  private let shelf: Mutex<Shelf>
  private static let name = "payments.jsonl"
  private let file: FakeBookFile

  /// Opens the books below a home folder; an unfinished last line is cut.
  package init(home: String) throws(FileError) {
    var shelf = Shelf()
    file = try FakeBookFile(FakeBooks.name, home: home) { (line, number) throws(FileError) in
      guard let entry = FakeBooks.read(line) else {
        throw FakeBookFile.foreign(
          FakeBooks.name, home: home, line: number, "an entry of the fake's books")
      }
      FakeBooks.put(entry, on: &shelf)
    }
    self.shelf = Mutex(shelf)
  }

  /// Writes an order down once: the same key gets the first entry back.
  ///
  /// A hold that never was, is ended, or is smaller cannot be captured or cancelled.
  func enter(_ order: ProviderOrder, isDone: Bool) -> Entry {
    shelf.withLock { shelf in
      if let known = shelf.entries[order.key] { return known }
      var hold: Text?
      var isPossible = true
      switch order.action {
      case .pay, .authorize: break
      case .capture(let key), .cancel(let key):
        hold = key
        let held = shelf.entries[key]
        isPossible =
          held?.isDone == true && held?.kind == "authorize" && shelf.ends[key] == nil
          && order.amount.units <= held?.amount.units ?? 0
      }
      let entry = Entry(
        key: order.key, kind: order.action.name, hold: hold, vendor: order.vendor,
        amount: order.amount, isDone: isDone && isPossible,
        reference: Text("fake_\(shelf.entries.count + 1)"))
      FakeBooks.put(entry, on: &shelf)
      var out = JSONWriter()
      FakeBooks.write(entry, to: &out)
      file.append(out)
      return entry
    }
  }

  package subscript(key: Text) -> Entry? { shelf.withLock { $0.entries[key] } }

  /// How many orders took money, and how much in all.
  package var taken: (count: Int, units: Int128) {
    shelf.withLock { ($0.takenCount, $0.takenUnits) }
  }

  private static func put(_ entry: Entry, on shelf: inout Shelf) {
    shelf.entries[entry.key] = entry
    if let hold = entry.hold, entry.isDone { shelf.ends[hold] = entry }
    guard entry.isTaken else { return }
    shelf.takenCount += 1
    shelf.takenUnits += entry.amount.units
  }

  private static func write(_ entry: Entry, to out: inout JSONWriter) {
    out.beginObject()
    out.field("key", entry.key)
    out.field("kind", entry.kind)
    out.optional("hold", entry.hold)
    out.field("vendor", entry.vendor)
    out.field("amount", entry.amount.decimal)
    out.field("asset", entry.amount.asset.code)
    out.field("done", entry.isDone)
    out.field("taken", entry.isTaken)
    out.field("reference", entry.reference)
    out.endObject()
  }

  private static func read(_ line: [UInt8]) -> Entry? {
    do throws(JSONError) {
      guard let object = try JSONParser.parse(line, limits: .standard).object,
        let key = object["key"]?.text, let vendor = object["vendor"]?.text,
        let decimal = object["amount"]?.text, let code = object["asset"]?.text,
        let asset = Asset(code: code), case .bool(let isDone) = object["done"],
        let kind = object["kind"]?.text,
        let reference = object["reference"]?.text,
        let amount = FakeBooks.money(decimal, asset)
      else { return nil }
      return Entry(
        key: key, kind: kind, hold: object["hold"]?.text, vendor: vendor, amount: amount,
        isDone: isDone, reference: reference)
    } catch {
      return nil
    }
  }

  private static func money(_ decimal: Text, _ asset: Asset) -> Money? {
    do throws(MoneyError) {
      return try Money(decimal: decimal, asset: asset, rounding: .refuse)
    } catch {
      return nil
    }
  }
}
