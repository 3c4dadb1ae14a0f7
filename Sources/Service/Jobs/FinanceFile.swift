internal import JSON
internal import Ledger

/// What `logs/finance_ledger.jsonl` says: others write it, and here it is only read.
///
/// One object per line with `type`, `amount_usd` and `recorded_at`; `transaction_id` where it is
/// about a payment; `fake` where it says to which book it belongs, else it belongs to the one that
/// it is compared with.
struct FinanceFile {
  /// Below the home folder.
  static let path = "logs/finance_ledger.jsonl"
  private static let lineLimit = 1_048_576
  private static let limits = JSONLimits(depth: 32, bytes: lineLimit, values: 10_000)

  /// One entry that reads.
  struct Entry {
    let line: Int
    let type: Text
    let amount: ExactDecimal
    let recordedAt: Timestamp
    let transaction: Text?
  }

  /// A line that does not.
  struct Fault: Error, Equatable {
    let line: Int
    let reason: String
  }

  private(set) var entries: [Entry] = []
  private(set) var faults: [Fault] = []
  /// Entries of the other book.
  private(set) var foreign = 0

  /// Reads the whole file, up to the length that it has now; nil when there is none.
  ///
  /// - Parameter progress: told now and then how many bytes were read, and of how many.
  static func read(
    home: String, book: Book, progress: (Int, Int) -> Void
  ) throws(LineSource.Fault) -> FinanceFile? {
    let source: LineSource
    do throws(LineSource.Fault) {
      source = try LineSource(path: "\(home)/\(path)", limit: lineLimit)
    } catch .noSuchFile {
      return nil
    }
    var file = FinanceFile()
    var number = 0
    while let line = try source.next() {
      number += 1
      file.take(line, number, book)
      if number & 0xFFF == 0 { progress(source.consumed, source.size ?? 0) }
    }
    return file
  }

  private mutating func take(_ line: LineSource.Line, _ number: Int, _ book: Book) {
    do throws(Fault) {
      switch line {
      case .tooLong: throw Fault(line: number, reason: "longer than 1 MiB")
      case .whole(let bytes), .unfinished(let bytes):
        let object = try FinanceFile.object(bytes, number)
        guard try FinanceFile.belongs(object, to: book, number) else {
          foreign += 1
          return
        }
        entries.append(try FinanceFile.entry(object, number))
      }
    } catch {
      faults.append(error)
    }
  }

  private static func object(_ bytes: [UInt8], _ number: Int) throws(Fault) -> JSONObject {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONParser.parse(bytes, limits: limits)
    } catch {
      throw Fault(
        line: number, reason: "is not JSON: \(error.reason.sentence) at byte \(error.offset)")
    }
    guard let object = value.object else { throw Fault(line: number, reason: "is not an object") }
    return object
  }

  private static func belongs(
    _ object: JSONObject, to book: Book, _ number: Int
  ) throws(Fault) -> Bool {
    switch object["fake"] {
    case nil: true
    case .bool(let isFake): isFake == (book == .fake)
    case .some: throw Fault(line: number, reason: "fake is not true or false")
    }
  }

  private static func entry(_ object: JSONObject, _ number: Int) throws(Fault) -> Entry {
    guard let type = object["type"]?.text else {
      throw Fault(line: number, reason: "type is missing")
    }
    guard let amount = object["amount_usd"].flatMap({ ExactDecimal($0) }) else {
      throw Fault(line: number, reason: "amount_usd is not a decimal")
    }
    // Python writes UTC without an offset.
    guard let text = object["recorded_at"]?.text,
      let recordedAt = Timestamp(rfc3339: text, offsetRequired: false)
    else { throw Fault(line: number, reason: "recorded_at is not a time") }
    let transaction: Text?
    switch object["transaction_id"] {
    case nil, .null: transaction = nil
    case .string(let id) where !id.isEmpty: transaction = id
    case .some: throw Fault(line: number, reason: "transaction_id is not a text")
    }
    return Entry(
      line: number, type: type, amount: amount, recordedAt: recordedAt, transaction: transaction)
  }
}
