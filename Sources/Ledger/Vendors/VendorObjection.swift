public import JSON

/// What stands against a wish to spend in a vendor's own list.
public enum VendorObjection: Equatable, Sendable {
  case chain(Text)
  case token(Text)
  /// More than the vendor lists under this name.
  case price(name: Text, listed: Money, asked: Money)

  /// The stable word for it.
  public var code: StaticString {
    switch self {
    case .chain: "VENDOR_CHAIN_UNSUPPORTED"
    case .token: "VENDOR_TOKEN_UNSUPPORTED"
    case .price: "VENDOR_PRICE_EXCEEDED"
    }
  }

  /// The rule of the policy that it is.
  var rule: StaticString {
    switch self {
    case .chain: "deny_vendor_chain"
    case .token: "deny_vendor_token"
    case .price: "deny_vendor_price"
    }
  }

  /// The reason in the log.
  var reason: Text {
    switch self {
    case .chain(let chain): Text("the vendor does not list the chain \(chain)")
    case .token(let token): Text("the vendor does not list the token \(token)")
    case .price(let name, let listed, _): Text("the vendor lists \(listed) for \(name)")
    }
  }
}
