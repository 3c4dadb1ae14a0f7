import Glibc
import Ledger

/// Compares a view's file with its fold, writing nothing. Used by one thread.
final class ViewCheck {
  let view: View
  let book: Book
  private let home: String
  /// Nil while the file is not there.
  private var file: ViewDescriptor?
  private var ahead: ArraySlice<UInt8> = []
  private var offset = 0
  private var line = 0
  /// The line of the fold in which the file ended.
  private var missingLine = 0
  private var difference: String?
  /// The end of the fold, from where the file ended: who keeps it may be about to write it.
  private var missing: [UInt8] = []
  /// How much may be about to be written.
  private static let mostMissing = 1_048_576
  private static let block = 65_536
  /// Of the file before the log was read: what was written later may be ahead of the fold.
  private var size = 0

  init(_ view: View, _ book: Book, home: String) {
    self.view = view
    self.book = book
    self.home = home
    openFile()
  }

  private func openFile() {
    do throws(ViewError) {
      file = try ViewDescriptor.open(view.path(of: book), in: home)
      size = try file?.size() ?? 0
    } catch {
      difference = error.message
    }
  }

  /// Takes the next line of the fold.
  func take(_ bytes: [UInt8]) {
    guard difference == nil else { return }
    line += 1
    let rest = missing.isEmpty ? compare(bytes[...]) : bytes[...]
    guard !rest.isEmpty, difference == nil else { return }
    if missing.isEmpty { missingLine = line }
    missing += rest
    if missing.count > ViewCheck.mostMissing { difference = ending }
  }

  /// What is said of a file that ends too early.
  private var ending: String {
    file == nil ? "is not there" : "ends before line \(missingLine)"
  }

  /// Compares bytes with what comes next in the file; what is beyond its end is left.
  private func compare(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let file else { return bytes }
    var rest = bytes
    while !rest.isEmpty {
      do throws(ViewError) {
        if ahead.isEmpty { ahead = try file.read(ViewCheck.block, at: offset)[...] }
      } catch {
        difference = error.message
        return rest
      }
      let count = min(rest.count, ahead.count)
      guard count > 0 else { return rest }
      guard rest.prefix(count) == ahead.prefix(count) else {
        difference =
          missing.isEmpty ? "differs in line \(line)" : "differs after line \(missingLine - 1)"
        return rest
      }
      rest = rest.dropFirst(count)
      ahead = ahead.dropFirst(count)
      offset += count
    }
    return rest
  }

  /// Takes the whole of a view that is one document.
  func take(_ document: VendorDocument) {
    if document.isEmpty, file == nil { return }
    for line in document.lines() { take(Array(line)) }
  }

  /// What is different, after the last line; nil when nothing is.
  ///
  /// - Parameter isKept: whether a daemon is there; then the file has two seconds to be written to
  ///   where the log was read to.
  func finding(isKept: Bool) -> String? {
    var looks = isKept ? 20 : 0
    while !missing.isEmpty, difference == nil, looks > 0 {
      usleep(100_000)
      looks -= 1
      if file == nil {
        openFile()
        size = 0
      }
      missing = Array(compare(missing[...]))
    }
    if difference == nil, !missing.isEmpty { difference = ending }
    if difference == nil, size > offset { difference = "goes on after line \(line), its last" }
    return difference
  }
}
