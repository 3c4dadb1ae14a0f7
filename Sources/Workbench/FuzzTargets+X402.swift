import Digest
import JSON
import Ledger
import Rails

/// The reader of signed payments: what it takes is passed on unchanged, and fits our offer or not.
extension FuzzTarget {
  static let signed = FuzzTarget(
    name: "signed",
    corpus: [
      signedPayment,
      signedPayment.replacing("\"x402Version\":2", with: "\"a\":1.5e3", maxReplacements: 1),
    ],
    tokens: [
      "x402Version", "payload", "authorization", "accepted", "\"", "{", "}", "[", ":", ",", "0x",
      "10000", "null", "1e9", "\\u0000", "exact", "eip155:84532", "extensions",
      "payment-identifier", "info", "id",
    ],
    check: { bytes, _ in
      guard let terms = signedTerms else { return "the sound offer was not made" }
      let payment: X402Payment
      do throws(X402PaymentFault) {
        payment = try X402Payment.read(header: Text(Base64.encode(bytes)))
        guard try X402Payment.read(json: payment.json) == payment else {
          return "what was kept of a payment reads otherwise"
        }
      } catch {
        return nil
      }
      let resource = X402Resource(url: "http://a", description: "", mimeType: "")
      let offer = X402Offer(terms: [terms], resource: resource, error: "")
      do throws(X402Refusal) {
        _ = try offer.terms(for: payment, at: 1_795_197_000)
      } catch {
        return nil
      }
      let signed = payment.authorization
      guard signed.value == "10000", signed.validBefore >= 1_795_197_006,
        signed.to.asciiLowercased == terms.payTo.asciiLowercased
      else { return "a payment that does not pay was taken" }
      return nil
    })

  private static var signedTerms: X402Terms? {
    guard let network = X402Network.named("base-sepolia"), let coin = network.coin else {
      return nil
    }
    return X402Terms(
      network: network, coin: coin, amount: Money(units: 10_000, asset: .usdc),
      payTo: "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC", maxTimeoutSeconds: 60,
      flow: .authorization)
  }

  private static let signedPayment =
    #"{"x402Version":2,"payload":{"authorization":{"from":"0x5d5c99EdF529335160FF180fA141Dd49"#
    + #"67fc00D2","to":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC","value":"10000","validAft"#
    + #"er":"0","validBefore":"1795197911","nonce":"0x3ed2a225f1db775b1006f5c894e4d09e523e06d9"#
    + #"bed2f8bb3025e963267fa530"},"signature":"0x"# + String(repeating: "ab", count: 65)
    + #""},"accepted":{"scheme":"exact","network":"eip155:84532","asset":"0x036CbD53842c542663"#
    + #"4e7929541eC2318f3dCF7e","amount":"10000","payTo":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcc"#
    + #"cccccC","maxTimeoutSeconds":60,"extra":{"name":"USDC","version":"2"}}}"#
}
