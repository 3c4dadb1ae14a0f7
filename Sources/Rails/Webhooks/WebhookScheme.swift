/// How a provider signs its webhooks; each an HMAC-SHA256 with the raw body in it.
public enum WebhookScheme: Sendable, CaseIterable {
  /// Standard Webhooks 1.0.0, also Svix and Alby: base64 over `id.timestamp.body`.
  ///
  /// The secret is `whsec_` (may be left out) and the key in base64.
  case standard
  /// Stripe, also l402-kit: `t=<seconds>,v1=<hex>[,v1=<hex>]`, over `timestamp.body`.
  case stripe
  /// GitHub and BTCPay: `sha256=<hex>` over the body; nothing in it ever grows old.
  case prefixedHex
  /// phoenixd and Strike: `<hex>` over the body; nothing in it ever grows old.
  case bareHex
}
