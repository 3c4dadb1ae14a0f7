import JSON
import Ledger

/// The view of what one book's vendors offer: one JSON document, a line for each vendor.
///
/// It says when each entry expires, never whether it has: a file must not change by standing.
struct VendorDocument: Sendable {
  let book: Book
  private var vendors = Vendors()
  private var policy = VendorCachePolicy()

  init(_ book: Book) { self.book = book }

  /// Whether there is nothing to say; a file that is not there says the same.
  var isEmpty: Bool { vendors.count == 0 }

  /// Takes in the next legal record; true when the document may be another one now.
  mutating func apply(_ record: Record) -> Bool {
    switch record.event {
    case .vendorCapabilityObserved(let event) where record.book == book:
      vendors.apply(event, at: record)
      return true
    case .configApplied(let event):
      guard let value = event.settings[VendorCachePolicy.name] else { return false }
      do throws(Rejection) {
        policy = try VendorCachePolicy(reading: [VendorCachePolicy.name: value])
      } catch {
        // The state has found such a record illegal, and nobody hands those on.
        return false
      }
      return true
    default: return false
    }
  }

  /// The whole document, sorted by vendor.
  func bytes() -> [UInt8] {
    var bytes = Array("{\n".utf8)
    for (index, entry) in vendors.all.enumerated() {
      if index > 0 { bytes.append(contentsOf: ",\n".utf8) }
      var out = JSONWriter()
      out.beginObject()
      out.key(entry.vendor)
      out.beginObject()
      VendorAnswer.write(entry, policy, to: &out)
      out.endObject()
      out.endObject()
      bytes.append(contentsOf: out.bytes.dropFirst().dropLast())
    }
    bytes.append(contentsOf: (isEmpty ? "}\n" : "\n}\n").utf8)
    return bytes
  }

  /// The document line by line, each with its line feed.
  func lines() -> [ArraySlice<UInt8>] {
    let bytes = bytes()
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    for index in bytes.indices where bytes[index] == 0x0A {
      lines.append(bytes[start...index])
      start = index + 1
    }
    return lines
  }
}

/// What is known of a vendor, as the view and the command line say it.
enum VendorAnswer {
  /// Writes the members; prices are exact decimal literals.
  static func write(
    _ entry: VendorEntry, _ policy: VendorCachePolicy, to out: inout JSONWriter
  ) {
    let offer = entry.offer
    out.key("pricing")
    out.beginObject()
    for (name, price) in offer.pricing.sorted(by: { $0.key < $1.key }) {
      out.key(name)
      price.writeDecimal(into: &out.bytes)
    }
    out.endObject()
    let lists: [(StaticString, [Text])] = [
      ("tokens", offer.tokens), ("chains", offer.chains), ("capabilities", offer.capabilities),
    ]
    for (name, list) in lists {
      out.key(name)
      out.beginArray()
      for text in list { out.string(text) }
      out.endArray()
    }
    guard let main = entry.main else { return }
    out.moment("updated_at", main.at)
    out.moment("expires_at", policy.expiry(of: main.at))
    out.field("source", main.source.name)
  }
}
