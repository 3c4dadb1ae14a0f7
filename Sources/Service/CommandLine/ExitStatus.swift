/// What the program tells its caller by its exit code; scripts depend on the numbers.
package enum ExitStatus: Int32, Sendable {
  case ok = 0
  /// A check found something, or a report says FAIL.
  case checkFailed = 1
  case usage = 2
  /// A rule of ours said no; nothing happened.
  case refused = 3
  case notFound = 4
  case logDamaged = 5
  /// The provider was certainly not reached.
  case notReached = 6
  /// Money may have moved; do not pay again.
  case outcomeUnknown = 7
  /// A write or sync of the log failed.
  case diskLost = 8
  /// Another run or daemon holds the lock.
  case busy = 75
}
