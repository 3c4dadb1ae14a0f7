import JSON
import Ledger
import Testing

/// What holds for money out in every history; a failure prints its seed.
@Suite struct SpendLawTests {
  private static let seeds = UInt64(0)..<60

  /// An approval as the log tells it.
  private struct Approval {
    let request: SpendRequest
    let expiresAt: Timestamp
  }

  @Test(arguments: seeds)
  func `each payment has one approval before it, that fits and is used once`(seed: UInt64) throws {
    let history = CommandGenerator.play(steps: 300, seed: seed)
    for book in Book.allCases {
      var approvals: [IntentID: Approval] = [:]
      for record in history.log where record.book == book {
        switch record.event {
        case .intentApproved(let event):
          approvals[event.intent] = Approval(request: event.request, expiresAt: event.expiresAt)
        case .authorizationRequested(let event):
          let found = approvals.removeValue(forKey: event.call.intent)
          #expect(found?.request.parties == event.payment.parties)
        case .paymentStarted(let event):
          guard let call = event.call else { continue }
          let found = approvals.removeValue(forKey: call.intent)
          let approval = try #require(found)
          #expect(approval.request.parties == event.parties)
          #expect(event.amount.units <= approval.request.amount.units)
          #expect(record.at < approval.expiresAt)
        default: continue
        }
      }
    }
  }

  @Test(arguments: seeds)
  func `no payment starts past a limit that was in force`(seed: UInt64) throws {
    let history = CommandGenerator.play(steps: 300, seed: seed)
    var state = State()
    for record in history.log {
      if case .paymentStarted(let event) = record.event, event.call != nil,
        let book = record.book
      {
        #expect(!state.controls.arePaymentsDisabled)
        let use = state.budgetUse(
          of: event.parties.agent, on: event.parties.network, book: book, at: record.at)
        let amount = event.amount.units
        #expect(amount <= use.perTransactionLimit.units)
        #expect(amount <= state.hardLimit.units)
        #expect(amount + use.held.units + use.daySpent.units <= use.dailyLimit.units)
        #expect(amount + use.held.units + use.monthSpent.units <= use.monthlyLimit.units)
      }
      state.apply(record)
    }
  }

  @Test(arguments: seeds)
  func `holds are what open payments of our own ask for`(seed: UInt64) throws {
    let history = CommandGenerator.play(steps: 300, seed: seed)
    for book in Book.allCases {
      let payments = history.state[book].payments
      let open = (0..<payments.count).compactMap { payments[$0] }
        .filter { $0.isDirect && $0.phase.isOpen }
      #expect(payments.openCalls().map(\.payment) == open)
      #expect(open.allSatisfy { $0.phase != .completed })
      #expect(payments.calls.unknownCount == open.count { $0.phase == .unknown })
      for agent in ["builder_agent", "auditor"] as [Text] {
        for network in [Network.base, try .named("base-sepolia")] {
          let use = history.state.budgetUse(
            of: agent, on: network, book: book, at: history.state.at)
          let held = open.filter { $0.agent == agent && $0.network == network }
          #expect(use.held.units == held.reduce(0) { $0 + $1.amount.units })
        }
      }
      let heldByAgent = payments.calls.heldByAgent.reduce(0) { $0 + $1.units }
      #expect(
        heldByAgent == open.filter { !$0.network.isTest }.reduce(0) { $0 + $1.amount.units })
    }
  }

  @Test(arguments: seeds)
  func `a hold ends once, and what it took and gave back is what it held`(seed: UInt64) throws {
    let history = CommandGenerator.play(steps: 600, seed: seed)
    for book in Book.allCases {
      var ended: Set<AuthorizationID> = []
      for record in history.log where record.book == book {
        switch record.event {
        case .authorizationCaptured(let event):
          #expect(ended.insert(event.authorization).inserted)
          #expect(event.captured.units > 0)
          #expect(event.captured.units + event.released.units == event.payment.amount.units)
        case .authorizationCancelled(let event), .authorizationExpired(let event):
          #expect(ended.insert(event.authorization).inserted)
          #expect(event.released == event.payment.amount)
        case .authorizationFailed(let event) where event.step == .authorize:
          #expect(ended.insert(event.authorization).inserted)
        default: continue
        }
      }
      let holds = history.state[book].authorizations
      let all = (0..<holds.count).compactMap { holds[$0] }
      #expect(all.filter { $0.phase.isOpen } == holds.openOnes)
      #expect(all.count { !$0.phase.isOpen } == ended.count)
      for hold in all {
        let payment = try #require(history.state[book].payments[hold.transaction])
        #expect(payment.phase.isOpen == hold.phase.isOpen)
        #expect((payment.phase == .unknown) == (hold.phase == .unknown))
        #expect((payment.phase == .completed) == (hold.phase == .captured))
      }
    }
  }

  @Test(arguments: seeds)
  func `a payment that was unknown ended by evidence`(seed: UInt64) throws {
    let history = CommandGenerator.play(steps: 300, seed: seed)
    for book in Book.allCases {
      var unknown: Set<TransactionID> = []
      for record in history.log where record.book == book {
        switch record.event {
        case .paymentUnknown(let event): unknown.insert(event.transaction)
        case .paymentCompleted(let event) where unknown.contains(event.transaction):
          #expect(event.evidence != nil)
        case .paymentFailed(let event) where unknown.contains(event.transaction):
          #expect(event.evidence != nil)
        default: continue
        }
      }
    }
  }
}
