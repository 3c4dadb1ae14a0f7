/// Whole numbers as people read them; no floating point, so nothing rounds in a surprising way.
package enum HumanNumber {
  /// Digits in groups of three, e.g. `1,234,567`.
  package static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude).utf8)
    var grouped: [UInt8] = value < 0 ? [0x2D] : []
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { grouped.append(0x2C) }
      grouped.append(digit)
    }
    return String(decoding: grouped, as: UTF8.self)
  }

  /// A size in powers of 1,024 with one decimal, cut and not rounded, e.g. `1.4 GiB`.
  ///
  /// Below 1,024 it is exact. Negative sizes count as 0.
  package static func bytes(_ value: Int) -> String {
    var rest = max(0, value)
    guard rest >= 1_024 else { return "\(rest) B" }
    var tenths = 0
    var unit = ""
    for name in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] where rest >= 1_024 {
      tenths = rest % 1_024 * 10 / 1_024
      rest /= 1_024
      unit = name
    }
    return "\(rest).\(tenths) \(unit)"
  }

  /// A span as `0:07`, `12:34` or `1:02:03`, in whole seconds; negative spans count as 0.
  package static func duration(seconds: Int) -> String {
    let total = max(0, seconds)
    let hours = total / 3_600
    let minutes = total / 60 % 60
    let tail = twoDigits(total % 60)
    return hours > 0 ? "\(hours):\(twoDigits(minutes)):\(tail)" : "\(minutes):\(tail)"
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
