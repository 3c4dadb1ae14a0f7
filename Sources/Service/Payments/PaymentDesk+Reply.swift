internal import Ledger

extension PaymentDesk.Reply {
  /// The same for somebody whose key was used before.
  var repeated: PaymentDesk.Reply {
    switch self {
    case .payment(let payment, let call, _): .payment(payment, call, isRepeated: true)
    case .authorization(let hold, let payment, _):
      .authorization(hold, payment, isRepeated: true)
    case .refused, .conflict, .unavailable: self
    }
  }

  /// Whether the provider is being asked.
  var isUnderWay: Bool {
    switch self {
    case .payment(let payment, _, _): payment.phase == .pending
    case .authorization(let hold, _, _): hold.isUnderWay
    case .refused, .conflict, .unavailable: false
    }
  }
}

extension Authorization {
  /// Whether the provider is being asked about it.
  var isUnderWay: Bool {
    switch phase {
    case .requested, .capturing, .cancelling: true
    case .authorized, .unknown, .captured, .cancelled, .expired, .failed: false
    }
  }
}

extension CallOutcome {
  /// The same of a step of an authorization.
  var ofStep: AuthorizationOutcome {
    switch self {
    case .completed(let chainHash, let receipt):
      .done(reference: receipt, chainHash: chainHash)
    case .failed(let code, let error, let vendorFault):
      .failed(code: code, error: error, vendorFault: vendorFault)
    case .unknown(let errorClass): .unknown(errorClass: errorClass)
    }
  }
}
