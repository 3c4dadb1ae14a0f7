internal import HTTP
internal import JSON
internal import Ledger

/// What vendors offer, over the operator API.
extension OperatorAPI {
  /// Asks the provider about a vendor, and records what it says. When it says nothing usable,
  /// nothing is recorded: what was known stays, with its time.
  func refreshVendor(_ call: Call, _ answer: @escaping Answer) {
    let vendor = Text(call.path["vendor"])
    let requestID = call.requestID
    do throws(Rejection) {
      try ObserveVendor.check(vendor: vendor)
    } catch {
      answer(error.problem.response(requestID: requestID), 0)
      return
    }
    guard let provider = desk.options.provider else {
      answer(Rejection.newMoneyRefused(.noProvider).problem.response(requestID: requestID), 0)
      return
    }
    let isTaken = desk.pool.add { [self] in
      switch provider.capabilities(of: vendor) {
      case .offer(let offer): observe(vendor, offer, requestID, answer)
      case .notReached(let fault):
        keep(vendor, "VENDOR_NOT_REACHED", "was not reached (\(fault.name))", requestID, answer)
      case .noAnswer(let fault):
        keep(
          vendor, "VENDOR_ANSWER_UNUSABLE", "gave no usable answer (\(fault.name))", requestID,
          answer)
      case .unknownVendor:
        keep(vendor, "VENDOR_NOT_FOUND", "does not know \(vendor)", requestID, answer)
      }
    }
    if !isTaken { answer(Problem.ending.response(requestID: requestID), 0) }
  }

  private func observe(
    _ vendor: Text, _ offer: VendorOffer, _ requestID: String, _ answer: Answer
  ) {
    let command = ObserveVendor(vendor: vendor, offer: offer, source: .fetch, reason: nil)
    do throws(Unavailable) {
      let outcome = try desk.submit(command, Text(requestID))
      if case .rejected(let rejection) = outcome.kind {
        let sentence = "gave what cannot be kept (\(rejection.sentence))"
        keep(vendor, "VENDOR_ANSWER_UNUSABLE", sentence, requestID, answer)
        return
      }
      let book = desk.book
      let (found, seq) = bookkeeper.read { state, now in
        (entry: state[book].vendors[vendor], policy: state.controls.vendorCache, now: now)
      }
      guard let entry = found.entry else { fatalError("what was recorded is there") }
      var out = JSONWriter()
      VendorCommands.write(entry, found.policy, at: found.now, to: &out)
      out.bytes.append(0x0A)
      answer(
        Response(status: 200, contentType: "application/json", body: out.bytes),
        max(seq, outcome.decidedSeq))
    } catch {
      answer(error.problem.response(requestID: requestID), 0)
    }
  }

  /// Says that nothing was recorded, and how old what is kept is.
  private func keep(
    _ vendor: Text, _ code: String, _ what: String, _ requestID: String, _ answer: Answer
  ) {
    let book = desk.book
    let (found, seq) = bookkeeper.read { state, now in
      (at: state[book].vendors[vendor]?.main?.at, policy: state.controls.vendorCache, now: now)
    }
    let kept =
      found.at.map { at in
        "the entry of \(at) is kept, "
          + (found.policy.isFresh(at, at: found.now) ? "still fresh" : "stale")
      } ?? "nothing is known of it"
    let problem = Problem(
      status: 502, code: code, detail: "The provider \(what); \(kept).")
    answer(problem.response(requestID: requestID), seq)
  }
}
