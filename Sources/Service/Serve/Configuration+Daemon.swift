internal import HTTP

extension Configuration {
  var logOptions: LogFiles.Options {
    var options = LogFiles.Options(home: home)
    options.outputDescriptor = logsToOutput ? 1 : nil
    return options
  }
}

extension Listening {
  /// Where to listen; nil when the listener is off.
  var address: ListenAddress? {
    switch self {
    case .off: nil
    case .on(let address): address
    }
  }
}

extension Daemon {
  /// The socket that tools on this machine talk to.
  var socketPath: String { configuration.home + "/data/run/tollbook.sock" }
}
