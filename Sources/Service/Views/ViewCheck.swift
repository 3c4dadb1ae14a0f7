import Ledger

/// Compares a view's file with its fold, writing nothing. Used by one thread.
final class ViewCheck {
  let view: View
  let book: Book
  private var file: ViewDescriptor?
  private var ahead: ArraySlice<UInt8> = []
  private var offset = 0
  private var line = 0
  private var difference: String?
  /// Whether the file is right as far as it goes: who keeps it may be about to write the rest.
  private(set) var isBehind = false
  private static let block = 65_536

  init(_ view: View, _ book: Book, home: String) {
    self.view = view
    self.book = book
    do throws(ViewError) {
      file = try ViewDescriptor.open(view.path(of: book), in: home)
    } catch {
      difference = error.message
    }
  }

  /// Takes the next line of the fold.
  func take(_ bytes: [UInt8]) {
    guard difference == nil else { return }
    line += 1
    guard let file else {
      difference = "is not there"
      return
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      do throws(ViewError) {
        if ahead.isEmpty { ahead = try file.read(ViewCheck.block, at: offset)[...] }
      } catch {
        difference = error.message
        return
      }
      let count = min(rest.count, ahead.count)
      guard count > 0 else {
        difference = "ends before line \(line)"
        isBehind = true
        return
      }
      guard rest.prefix(count) == ahead.prefix(count) else {
        difference = "differs in line \(line)"
        return
      }
      rest = rest.dropFirst(count)
      ahead = ahead.dropFirst(count)
      offset += count
    }
  }

  /// Takes the whole of a view that is one document.
  func take(_ document: VendorDocument) {
    if document.isEmpty, file == nil { return }
    for line in document.lines() { take(Array(line)) }
  }

  /// What is different, after the last line; nil when nothing is.
  func finding() -> String? {
    guard difference == nil, let file else { return difference }
    do throws(ViewError) {
      return try file.size() > offset ? "goes on after line \(line), its last" : nil
    } catch {
      return error.message
    }
  }
}
