package import JSON
internal import Ledger
internal import Synchronization

/// A facilitator for practice: moves fake money once per promise, and does on demand what real
/// ones do.
///
/// It takes the same requests and gives the same answers as one over HTTP, but checks no
/// signature: fake money is worth nothing. What it does is told by the last four digits of the
/// payer's address, as card companies tell by the card's number; see `Behaviour`.
package final class FakeFacilitator: Facilitator {
  /// What it does on demand.
  private enum Behaviour: String {
    case obey
    /// Verify says that the payer has too little.
    case noFunds = "0001"
    /// Settle refuses: the token's rules say no.
    case refuse = "0002"
    /// Settle moves the money and does not answer in time.
    case timeoutAfter = "0003"
    /// Settle does not answer in time, and nothing moved.
    case timeoutBefore = "0004"
    /// Settle says pending the first time, with HTTP 200.
    case pending = "0005"
    /// Settle says pending for ever, with HTTP 500, and the money moved.
    case pendingForEver = "0006"
    /// Settle moves the money and answers what nobody can read.
    case nonsense = "0007"
    /// Settle moves the money and answers with a server error.
    case serverError = "0008"
    /// Verify answers with a server error.
    case verifyError = "0009"
    /// Settle moves the money and names another payer.
    case otherPayer = "000a"
    /// No connection.
    case unreachable = "000b"
    /// Verify says yes in a text instead of a boolean.
    case yesAsText = "000c"
    /// Settle moves the money, says pending, and then that the payer has too little.
    case pendingThenNoFunds = "000d"
  }

  package let transfers: FakeTransfers
  /// Promises that were said to be pending; of this process only.
  private let pending = Mutex<Set<Text>>([])

  package var name: Text { "fake" }

  package init(transfers: FakeTransfers) { self.transfers = transfers }

  package func ask(
    _ operation: FacilitatorOperation, _ body: [UInt8], about subject: Text
  ) -> FacilitatorReply {
    guard operation != .supported else {
      return FakeFacilitator.answer(
        200,
        #"{"kinds":[{"x402Version":2,"scheme":"exact","network":"eip155:8453"},"#
          + #"{"x402Version":2,"scheme":"exact","network":"eip155:84532"},"#
          + #"{"x402Version":1,"scheme":"exact","network":"base"},"#
          + #"{"x402Version":1,"scheme":"exact","network":"base-sepolia"}],"extensions":[]}"#)
    }
    guard let wish = FakeWish(body) else {
      return FakeFacilitator.answer(400, #"{"error":"malformed"}"#)
    }
    let behaviour = Behaviour(rawValue: String(wish.payer.string.suffix(4))) ?? .obey
    if behaviour == .unreachable { return .notSent("CANNOT_CONNECT") }
    return operation == .verify ? verify(wish, behaviour) : settle(wish, behaviour)
  }

  private func verify(_ wish: FakeWish, _ behaviour: Behaviour) -> FacilitatorReply {
    switch behaviour {
    case .noFunds: return FakeFacilitator.invalid("insufficient_funds", wish)
    case .verifyError: return FakeFacilitator.answer(500, "oops")
    case .yesAsText: return FakeFacilitator.answer(200, #"{"isValid":"yes"}"#)
    default: break
    }
    guard transfers[wish.promise] == nil else {
      return FakeFacilitator.invalid("invalid_exact_evm_nonce_already_used", wish)
    }
    return FakeFacilitator.answer(200, #"{"isValid":true,"payer":"\#(wish.payer)"}"#)
  }

  private func settle(_ wish: FakeWish, _ behaviour: Behaviour) -> FacilitatorReply {
    switch behaviour {
    case .refuse:
      return FakeFacilitator.refused("invalid_exact_evm_token_version_mismatch", wish)
    case .timeoutBefore: return .noAnswer("timeout")
    case .pendingThenNoFunds where transfers[wish.promise] != nil:
      return FakeFacilitator.refused("insufficient_funds", wish)
    case .pendingThenNoFunds:
      _ = transfers.move(wish.promise, to: wish.payTo, value: wish.value)
      return pending(wish, status: 200)
    case .pending where pending.withLock({ $0.insert(wish.promise).inserted }):
      _ = transfers.move(wish.promise, to: wish.payTo, value: wish.value)
      return pending(wish, status: 200)
    case .pending:
      return settled(transfers.move(wish.promise, to: wish.payTo, value: wish.value).0, wish)
    default: break
    }
    let (transfer, isFirst) = transfers.move(wish.promise, to: wish.payTo, value: wish.value)
    switch behaviour {
    case .timeoutAfter where isFirst: return .noAnswer("timeout")
    case .pendingForEver: return pending(wish, status: 500)
    case .nonsense where isFirst: return FakeFacilitator.answer(200, "{\"success\":tru")
    case .serverError where isFirst: return FakeFacilitator.answer(502, "<html>bad gateway</html>")
    default: break
    }
    guard isFirst else {
      return FakeFacilitator.refused("invalid_exact_evm_nonce_already_used", wish)
    }
    return settled(
      transfer, wish,
      as: behaviour == .otherPayer ? "0x00000000000000000000000000000000000000aa" : nil)
  }

  private func settled(
    _ transfer: FakeTransfers.Transfer, _ wish: FakeWish, as payer: Text? = nil
  ) -> FacilitatorReply {
    FakeFacilitator.answer(
      200,
      #"{"success":true,"payer":"\#(payer ?? wish.payer)","transaction":"\#(transfer.chainHash)","#
        + #""network":"\#(wish.network)"}"#)
  }

  private func pending(_ wish: FakeWish, status: Int) -> FacilitatorReply {
    let hash = transfers[wish.promise]?.chainHash ?? ""
    return FakeFacilitator.answer(
      status,
      #"{"success":false,"errorReason":"settlement_pending","transaction":"\#(hash)","#
        + #""network":"\#(wish.network)"}"#)
  }

  private static func invalid(_ reason: String, _ wish: FakeWish) -> FacilitatorReply {
    answer(
      200, #"{"isValid":false,"invalidReason":"\#(reason)","payer":"\#(wish.payer)"}"#)
  }

  private static func refused(_ reason: String, _ wish: FakeWish) -> FacilitatorReply {
    answer(
      200,
      #"{"success":false,"errorReason":"\#(reason)","transaction":"","network":"\#(wish.network)"}"#
    )
  }

  private static func answer(_ status: Int, _ body: String) -> FacilitatorReply {
    .answered(status: status, body: Array(body.utf8))
  }
}

/// What a fake facilitator reads of a request.
private struct FakeWish {
  let payer: Text
  let payTo: Text
  let value: Text
  let network: Text
  let promise: Text

  init?(_ body: [UInt8]) {
    do throws(JSONError) {
      guard let request = try JSONParser.parse(body, limits: .standard).object,
        let payload = request["paymentPayload"]?.object?["payload"]?.object,
        let promise = payload["authorization"]?.object,
        let terms = request["paymentRequirements"]?.object,
        let payer = promise["from"]?.text, let payTo = promise["to"]?.text,
        let value = promise["value"]?.text, let nonce = promise["nonce"]?.text,
        let network = terms["network"]?.text, let token = terms["asset"]?.text
      else { return nil }
      self.payer = payer.asciiLowercased
      self.payTo = payTo
      self.value = value
      self.network = network
      self.promise = Text("\(network)|\(token)|\(payer)|\(nonce)").asciiLowercased
    } catch {
      return nil
    }
  }
}
