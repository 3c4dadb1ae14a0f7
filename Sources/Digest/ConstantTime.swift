/// Compares two byte strings in a time that does not depend on where they differ.
///
/// What leaks: whether the lengths are equal, and that length. Nothing about the content.
@inline(never)
public func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  guard a.count == b.count else { return false }
  var difference: UInt8 = 0
  for index in a.indices { difference |= a[index] ^ b[index] }
  return difference == 0
}
