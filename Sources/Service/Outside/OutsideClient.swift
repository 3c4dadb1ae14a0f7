package import HTTP

/// The one way out: every call to somebody else's server goes through here.
///
/// `http://` goes by our own client, `https://` by the courier, a process of its own. Blocks the
/// calling thread until the answer or the deadline; any thread may call, many at once. Nothing is
/// retried and no redirect is followed: whoever moves money decides about that.
package final class OutsideClient: Sendable {
  /// What may be called, and how.
  package struct Options: Equatable, Sendable {
    /// Nothing leaves the machine: plain HTTP to loopback only, and no courier.
    package var isFake: Bool
    /// Hosts that may be called when it is not; as `OutsideAddress.host` gives them.
    package var allowedHosts: Set<String>
    /// The program to start; nil is the one beside the running program.
    package var courier: String?

    package init(isFake: Bool, allowedHosts: Set<String>, courier: String? = nil) {
      self.isFake = isFake
      self.allowedHosts = allowedHosts
      self.courier = courier
    }

    /// The settings in force: the hosts of `TOLLBOOK_OUTSIDE_HOSTS` and of the providers.
    package init(_ configuration: Configuration, providers: [OutsideAddress]) {
      self.init(
        isFake: configuration.isFake,
        allowedHosts: Set(configuration.outsideHosts).union(providers.map(\.host)))
    }
  }

  private let options: Options
  private let clocks: Clocks
  private let log: @Sendable (ProviderCallLine) -> Void
  private let courier: CourierDesk

  /// - Parameter log: gets one line for each call, answered or not.
  package init(
    _ options: Options, clocks: Clocks, log: @escaping @Sendable (ProviderCallLine) -> Void
  ) {
    self.options = options
    self.clocks = clocks
    self.log = log
    courier = CourierDesk(program: options.courier, hosts: options.allowedHosts.sorted())
  }

  /// Sends one request and waits for its answer, whatever its status.
  ///
  /// - Throws: `OutsideError`, whose case says whether the other side may have acted.
  package func send(
    _ request: OutsideRequest, for purpose: OutsidePurpose
  ) throws(OutsideError) -> Response {
    let start = clocks.boot()
    do {
      let response = try send(request)
      // Whether a refusal is a failure of the payment is the caller's to say; here it is a call
      // that was answered.
      let code = response.status < 400 ? nil : "HTTP_\(response.status)"
      note(purpose, since: start, outcome: "completed", code: code)
      return response
    } catch {
      switch error {
      case .notSent: note(purpose, since: start, outcome: "failed", code: error.code)
      case .sentWithoutAnswer: note(purpose, since: start, outcome: "unknown", code: error.code)
      }
      throw error
    }
  }

  /// Ends the courier; calls under way end without an answer.
  package func close() { courier.close() }

  private func send(_ request: OutsideRequest) throws(OutsideError) -> Response {
    guard let address = OutsideAddress(request.url), request.isInRange
    else { throw .notSent(.requestMalformed) }
    if options.isFake {
      guard !address.isSecure, address.isLoopback else { throw .notSent(.notInFakeMode) }
    } else if !options.allowedHosts.contains(address.host) {
      throw .notSent(.hostNotAllowed)
    }
    return address.isSecure
      ? try courier.send(request, to: address) : try sendPlain(request, to: address)
  }

  private func sendPlain(
    _ request: OutsideRequest, to address: OutsideAddress
  ) throws(OutsideError) -> Response {
    var limits = ClientLimits()
    limits.bodyBytes = request.maxBytes
    guard let client = Client(origin: address.origin, limits: limits, keepsAlive: false)
    else { throw .notSent(.requestMalformed) }
    let plain = ClientRequest(
      method: request.method, target: address.target, headers: request.headers,
      body: request.body)
    do {
      return try client.send(plain, deadlineMilliseconds: request.deadlineMilliseconds)
    } catch {
      throw OutsideError(error)
    }
  }

  private func note(
    _ purpose: OutsidePurpose, since start: Int64, outcome: String, code: String?
  ) {
    log(
      ProviderCallLine(
        at: clocks.wall(), provider: purpose.provider, operation: purpose.operation,
        subject: purpose.subject, outcome: outcome,
        latencyMilliseconds: Int(clocks.boot() - start), attempt: purpose.attempt, code: code))
  }
}

extension OutsideError {
  /// What our own client says, in the words that both ways out share.
  fileprivate init(_ error: ClientError) {
    switch error {
    case .notSent(let reason):
      switch reason {
      case .malformedRequest: self = .notSent(.requestMalformed)
      case .nameNotFound: self = .notSent(.nameNotFound)
      case .timedOut: self = .notSent(.deadlineBeforeSending)
      case .cannotConnect, .connectionLost, .unreadable, .tooLarge: self = .notSent(.cannotConnect)
      }
    case .sentWithoutAnswer(let reason):
      switch reason {
      case .timedOut: self = .sentWithoutAnswer(.timedOut)
      case .tooLarge: self = .sentWithoutAnswer(.answerTooLarge)
      case .unreadable: self = .sentWithoutAnswer(.answerUnreadable)
      case .connectionLost, .malformedRequest, .nameNotFound, .cannotConnect:
        self = .sentWithoutAnswer(.connectionLost)
      }
    }
  }
}
