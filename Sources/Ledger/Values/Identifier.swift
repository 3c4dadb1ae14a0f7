public import JSON

/// The kind of thing that an identifier names; its prefix stands before our own ids.
public protocol IdentifierKind: Sendable {
  /// Two to six ASCII letters and an underscore, e.g. `tx_`.
  static var prefix: StaticString { get }
}

/// Names one payment, receipt, … : our own (prefix + ULID, 128 bits in memory) or a foreign one.
///
/// Foreign ids are kept verbatim: 1 to 128 bytes of `[A-Za-z0-9._:-]`.
public struct Identifier<Kind: IdentifierKind>: Hashable, Sendable {
  /// The two kinds of id, told apart by their text.
  private enum Form: Hashable, Sendable {
    case own(high: UInt64, low: UInt64)
    case foreign(Text)
  }

  private let form: Form

  /// An own id; the 128 bits are minted by the shell.
  public init(_ ulid: ULID) {
    self.init(form: .own(high: ulid.high, low: ulid.low))
  }

  /// Reads an id; nil when its length or a byte of it is not allowed.
  public init?(_ text: Text) {
    let bytes = Array(text.string.utf8)
    self.init(bytes: bytes.span)
  }

  init?(bytes: Span<UInt8>) {
    guard bytes.count >= 1, bytes.count <= 128 else { return nil }
    if let ulid = Identifier.ownULID(bytes) {
      self.init(ulid)
      return
    }
    for index in bytes.indices where !bytes[index].isIdentifierByte { return nil }
    self.init(form: .foreign(Text(String(copying: bytes))))
  }

  private init(form: Form) { self.form = form }

  /// The 128 bits of an own id, as its bytes stand in the log; nil for anything else.
  static func ownULID(_ bytes: Span<UInt8>) -> ULID? {
    let prefix = Kind.prefix.utf8CodeUnitCount
    guard bytes.count == prefix + 26, bytes.extracting(0..<prefix).isEqual(Kind.prefix) else {
      return nil
    }
    return ULID(bytes.extracting(prefix..<bytes.count))
  }

  /// The id as it stands in the log.
  public var text: Text {
    switch form {
    case .own(let high, let low):
      return Text("\(Kind.prefix)\(ULID(high: high, low: low))")
    case .foreign(let text):
      return text
    }
  }

  /// The 128 bits of an own id; nil for a foreign one.
  var ownBits: (high: UInt64, low: UInt64)? {
    switch form {
    case .own(let high, let low): (high, low)
    case .foreign: nil
    }
  }
}

extension Identifier: CustomStringConvertible {
  public var description: String { text.string }
}

extension String {
  /// Text of bytes that are known to be ASCII.
  init(copying bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}

extension UInt8 {
  /// Whether the byte may stand in an identifier: `[A-Za-z0-9._:-]`, and `_`.
  var isIdentifierByte: Bool {
    switch self {
    case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }
}

/// A 128-bit id whose text sorts by time: 48 bits of milliseconds, 80 of randomness.
///
/// Source: github.com/ulid/spec (Crockford base 32, 26 characters, upper case).
public struct ULID: Hashable, Sendable, CustomStringConvertible {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// An id of a moment, with 80 random bits from the caller.
  public init(at moment: Timestamp, random: (UInt16, UInt64)) {
    let time = UInt64(clamping: moment.milliseconds) & 0xFFFF_FFFF_FFFF
    self.init(high: time << 16 | UInt64(random.0), low: random.1)
  }

  /// Reads exactly 26 upper-case Crockford characters within 128 bits.
  init?(_ bytes: Span<UInt8>) {
    guard bytes.count == 26, bytes[0] <= 0x37 else { return nil }
    var seen: UInt8 = 0
    // 3 + 60 bits, 5 bits across the words' border, 60 bits.
    let left = ULID.digits(bytes, 0..<13, &seen)
    let middle = ULID.digits(bytes, 13..<14, &seen)
    let right = ULID.digits(bytes, 14..<26, &seen)
    guard seen < 32 else { return nil }
    self.init(high: left << 1 | middle >> 4, low: middle << 60 | right)
  }

  /// The value of at most 13 characters; `seen` gets bit 5 or above when one is not allowed.
  @inline(__always)
  private static func digits(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ seen: inout UInt8
  ) -> UInt64 {
    let values = unsafe ULID.values.utf8Start
    var sum: UInt64 = 0
    for index in range {
      let place = bytes[index] &- 0x30
      guard place <= 0x2A else {
        seen = .max
        return 0
      }
      let value = unsafe values[Int(place)] &- 0x40
      seen |= value
      sum = sum << 5 | UInt64(value & 31)
    }
    return sum
  }

  /// For each byte from `0` to `Z` its value plus 0x40, and `~` where there is none.
  private static let values: StaticString = "@ABCDEFGHI~~~~~~~JKLMNOPQ~RS~TU~VWXYZ~[\\]^_"

  public var description: String {
    let alphabet: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    let start = unsafe alphabet.utf8Start
    return unsafe String(unsafeUninitializedCapacity: 26) { buffer in
      var high = self.high
      var low = self.low
      for index in stride(from: 25, through: 0, by: -1) {
        unsafe buffer[index] = start[Int(low & 31)]
        low = low >> 5 | high << 59
        high >>= 5
      }
      return 26
    }
  }
}

/// Names of payments.
public enum TransactionKind: IdentifierKind {
  public static var prefix: StaticString { "tx_" }
}
/// Names one payment that left us.
public typealias TransactionID = Identifier<TransactionKind>

/// Names of receipts.
public enum ReceiptKind: IdentifierKind {
  public static var prefix: StaticString { "rcpt_" }
}
/// Names one payment that we took at the gateway.
public typealias ReceiptID = Identifier<ReceiptKind>

/// Names of intents.
public enum IntentKind: IdentifierKind {
  public static var prefix: StaticString { "intent_" }
}
/// Names one wish to spend.
public typealias IntentID = Identifier<IntentKind>

/// Names of authorizations.
public enum AuthorizationKind: IdentifierKind {
  public static var prefix: StaticString { "auth_" }
}
/// Names one hold of money at a provider.
public typealias AuthorizationID = Identifier<AuthorizationKind>
