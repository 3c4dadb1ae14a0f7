/// Stops the process with a message when our own code broke its promise.
///
/// For bugs of ours only; whatever the network can cause is an error or an answer. It ends in
/// `fatalError` because `precondition` prints nothing in a release build.
func invariant(_ holds: Bool, _ message: @autoclosure () -> String) {
  if !holds { fatalError("HTTP invariant broken: " + message()) }
}
