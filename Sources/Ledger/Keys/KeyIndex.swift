import JSON

/// Where a key was used first.
public struct KeyedUnit: Equatable, Sendable {
  /// The first record of the unit that the key began.
  public let seq: UInt64
  public let print: Fingerprint
}

/// Every idempotency key ever used in one book, or in none, for ever; order-dependent.
///
/// A key is unique within (op, actor). About 90 bytes beside the key itself.
/// Only a payment at the gateway that came to nothing gives its key back.
struct KeyIndex: Equatable, Sendable {
  private var scopes = TextTable()
  private var keys = TextTable()
  private var units: [KeyedUnit] = []

  var count: Int { units.count }

  /// The unit that used the key first; nil when it is new.
  func unit(of key: Text, op: Text, actor: Text) -> KeyedUnit? {
    guard let opNumber = scopes.find(op), let actorNumber = scopes.find(actor) else { return nil }
    let bytes = KeyIndex.bytes(key, opNumber, actorNumber)
    guard let number = keys.find(bytes.span), units[Int(number)].seq > 0 else { return nil }
    return units[Int(number)]
  }

  /// Notes a key that no unit has used.
  mutating func apply(_ binding: KeyBinding, at record: Record) {
    let bytes = KeyIndex.bytes(
      binding.key, scopes.intern(binding.op), scopes.intern(record.actor))
    // The first use counts until it is given back: numbers and units keep the same length.
    let number = Int(keys.intern(bytes.span))
    let unit = KeyedUnit(seq: record.seq, print: binding.print)
    if number == units.count {
      units.append(unit)
    } else if units[number].seq == 0 {
      units[number] = unit
    }
  }

  /// Gives a key back: the next unit that brings it begins anew.
  mutating func free(_ binding: KeyBinding, actor: Text) {
    guard let op = scopes.find(binding.op), let actor = scopes.find(actor),
      let number = keys.find(KeyIndex.bytes(binding.key, op, actor).span)
    else { return }
    units[Int(number)] = KeyedUnit(seq: 0, print: binding.print)
  }

  private static func bytes(_ key: Text, _ op: UInt32, _ actor: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + key.utf8Count)
    for number in [op, actor] {
      for shift in [UInt32(24), 16, 8, 0] {
        bytes.append(UInt8(truncatingIfNeeded: number >> shift))
      }
    }
    bytes.append(contentsOf: key.string.utf8)
    return bytes
  }

  func feed(into sink: inout StateSink) {
    sink.word(units.count)
    for (index, unit) in units.enumerated() {
      keys.feed(UInt32(index), into: &sink)
      sink.word(unit.seq)
      sink.fingerprint(unit.print)
    }
    sink.word(scopes.count)
    for index in 0..<UInt32(scopes.count) { scopes.feed(index, into: &sink) }
  }
}
