package import JSON
package import Ledger

/// What a provider is asked to do, in the terms of the ledger.
package struct ProviderOrder: Equatable, Sendable {
  /// The kinds of order; a hold is named by the key under which it was asked for.
  package enum Action: Equatable, Sendable {
    case pay
    case authorize(expiresAt: Timestamp?)
    case capture(hold: Text)
    case cancel(hold: Text)

    /// The word in books and paths.
    package var name: Text {
      switch self {
      case .pay: "pay"
      case .authorize: "authorize"
      case .capture: "capture"
      case .cancel: "cancel"
      }
    }
  }

  package let action: Action
  /// The provider's idempotency key: under it the money moves at most once.
  package let key: Text
  package let amount: Money
  package let agent: Text
  package let vendor: Text
  package let network: Network
  /// What is bought, when it has an address.
  package let serviceURL: Text?

  package init(
    _ action: Action, key: Text, amount: Money, agent: Text, vendor: Text, network: Network,
    serviceURL: Text?
  ) {
    self.action = action
    self.key = key
    self.amount = amount
    self.agent = agent
    self.vendor = vendor
    self.network = network
    self.serviceURL = serviceURL
  }
}

/// What came back, and what it says of the money.
package enum ProviderAnswer: Equatable, Sendable {
  /// The order was carried out, exactly as asked: a payment or capture has moved the money.
  case completed(chainHash: ChainHash?, receipt: Text?)
  /// The provider says that it has not moved and will not.
  case failed(code: Text, error: Text, vendorFault: Bool)
  /// The provider did not take the order this time: it certainly has not moved.
  case notTaken(FaultClass)
  /// The order may have reached the provider: it may have moved.
  case noAnswer(FaultClass)
  /// Asked about a key, the provider has never seen it.
  case neverSeen

  /// Why there is no usable answer; the names stand in events and metrics.
  package enum FaultClass: String, CaseIterable, Sendable {
    /// No connection: nothing was sent.
    case connect
    /// 429: asked too often.
    case tooManyRequests = "429"
    case timeout
    /// The connection broke after the order was sent.
    case reset
    case serverError = "5xx"
    /// An answer that is none, or that contradicts the order.
    case unreadable
    /// The provider is still at it.
    case pending

    package var name: Text { Text(rawValue) }
  }
}

/// What came back of a question about a vendor; no money can have moved by it.
package enum VendorReply: Equatable, Sendable {
  case offer(VendorOffer)
  /// The provider says that there is no such vendor.
  case unknownVendor
  /// Nothing was asked.
  case notReached(ProviderAnswer.FaultClass)
  /// Asked, and no usable answer.
  case noAnswer(ProviderAnswer.FaultClass)
}

/// Moves money out. Another provider is another file with one such type.
///
/// Calls block; they are made on threads of their own, and several at a time.
package protocol PaymentProvider: Sendable {
  /// As it stands in `payment.started`.
  var name: Text { get }

  /// Asks for it. The same key again is the same order, never a second one.
  func ask(_ order: ProviderOrder) -> ProviderAnswer

  /// Asks what became of an order.
  func look(up order: ProviderOrder) -> ProviderAnswer

  /// Asks what a vendor offers.
  func capabilities(of vendor: Text) -> VendorReply
}
