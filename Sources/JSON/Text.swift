/// A piece of UTF-8 text that is compared, hashed and ordered by its bytes.
///
/// Swift's own `String` equality is canonical equivalence: two different byte sequences may be
/// equal there. A ledger must not fold two such names into one, so names, ids and free text are
/// held in this type. Traps: never.
public struct Text: Hashable, Comparable, Sendable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  /// The text as a Swift string; its storage is always native, contiguous UTF-8.
  public let string: String

  /// Takes a string as it is, without any normalisation.
  public init(_ string: String) {
    var contiguous = string
    contiguous.makeContiguousUTF8()
    self.string = contiguous
  }

  /// Makes a text from a literal in the source.
  public init(stringLiteral value: String) {
    self.init(value)
  }

  /// Copies bytes that must be valid UTF-8 (RFC 3629); nil when they are not.
  public init?(utf8 bytes: UnsafeRawBufferPointer) {
    guard let string = String(validating: bytes, as: UTF8.self) else { return nil }
    self.string = string
  }

  /// Copies bytes that must be valid UTF-8 (RFC 3629); nil when they are not.
  public init?(utf8 bytes: [UInt8]) {
    guard let string = String(validating: bytes, as: UTF8.self) else { return nil }
    self.string = string
  }

  /// Copies bytes that a scanner of this module has already found to be valid UTF-8.
  @inlinable
  init(scanned bytes: UnsafeBufferPointer<UInt8>) {
    // The decoding initializer checks once more, which costs little, and a bug in a scanner then
    // shows as a replacement character instead of a string with broken insides.
    string = String(decoding: bytes, as: UTF8.self)
  }

  /// The length in UTF-8 bytes.
  @inlinable public var utf8Count: Int { string.utf8.count }

  /// Whether there is not a single byte.
  @inlinable public var isEmpty: Bool { string.utf8.isEmpty }

  public var description: String { string }

  /// Lends the bytes for the time of the call; the pointer must not leave the closure.
  /// - Throws: only what the closure throws.
  @inlinable
  public func withUTF8<R, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> R
  ) throws(Failure) -> R {
    // Not by `utf8Span`: swiftc 6.3.1 -O then reads the stack slot of a small string before it is
    // written, once the closure makes a span of the buffer.
    let result = string.utf8.withContiguousStorageIfAvailable { buffer -> Result<R, Failure> in
      do throws(Failure) { return .success(try body(buffer)) } catch { return .failure(error) }
    }
    guard let result else {
      return try Array(string.utf8).withUnsafeBufferPointer(body)
    }
    return try result.get()
  }

  /// Whether the bytes of the text begin with the bytes of the prefix.
  public func hasPrefix(_ prefix: StaticString) -> Bool {
    withUTF8 { bytes in
      prefix.withUTF8Buffer { wanted in
        bytes.count >= wanted.count
          && Bytes.equal(UnsafeBufferPointer(rebasing: bytes.prefix(wanted.count)), wanted)
      }
    }
  }

  /// The longest beginning of at most `count` bytes that does not split a Unicode scalar.
  ///
  /// A count of zero or less gives the empty text.
  public func cut(toUTF8Bytes count: Int) -> Text {
    guard utf8Count > count else { return self }
    guard count > 0 else { return "" }
    return withUTF8 { bytes in
      var end = count
      while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
      return Text(scanned: UnsafeBufferPointer(rebasing: bytes[..<end]))
    }
  }

  public static func == (left: Text, right: Text) -> Bool {
    // The count lies in the string itself: most unequal texts need not be opened.
    guard left.utf8Count == right.utf8Count else { return false }
    return left.withUTF8 { leftBytes in
      right.withUTF8 { rightBytes in Bytes.equal(leftBytes, rightBytes) }
    }
  }

  /// Orders by unsigned bytes, a prefix before the longer text: the order of `LC_ALL=C sort`.
  public static func < (left: Text, right: Text) -> Bool {
    left.withUTF8 { leftBytes in
      right.withUTF8 { rightBytes in Bytes.precedes(leftBytes, rightBytes) }
    }
  }

  public func hash(into hasher: inout Hasher) {
    withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    // No byte of UTF-8 is 0xFF, so texts hashed one after the other cannot run together.
    hasher.combine(0xFF as UInt8)
  }
}
