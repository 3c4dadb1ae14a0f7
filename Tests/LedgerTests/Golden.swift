import JSON
import Ledger
import Testing

/// One event as the log carries it, byte for byte.
struct Golden: Sendable, CustomTestStringConvertible {
  let type: EventType
  let subject: Text
  let data: String
  var testDescription: String { "\(type.name) \(data.prefix(60))" }

  /// Members that may be left out here, and are required elsewhere.
  var optional: Set<Text> {
    switch type {
    case .paymentRefused: ["intent_id", "limit", "used", "held"]
    case .paymentCompleted, .paymentFailed: ["attempts", "evidence"]
    case .budgetLimitSet: ["intent_id"]
    case .alertAcknowledged: ["note"]
    case .authorizationRequested: ["expires_at"]
    case .authorizationCreated: ["provider_auth_id", "evidence"]
    case .authorizationStepRequested: ["wanted", "reason"]
    case .authorizationCaptured, .authorizationFailed: ["evidence"]
    case .authorizationCancelled, .authorizationExpired: ["reason", "evidence"]
    case .financeEntryRecorded: ["vendor"]
    case .vendorCapabilityObserved: ["reason"]
    case .gatewayPaymentAccepted: ["tx_hash", "payer"]
    case .gatewaySettled: ["evidence"]
    case .gatewayRefused: ["reason", "evidence"]
    case .gatewayUnknown: ["tx_hash"]
    case .gatewayAnomaly: ["expected", "got"]
    case .businessGenerated: ["projected_revenue", "dashboard_url"]
    default: []
    }
  }

  init(_ type: EventType, _ subject: Text, _ data: String) {
    self.type = type
    self.subject = subject
    self.data = data
  }

  private static let zeros = String(repeating: "0", count: 63)
  private static let parties =
    #""agent_id":"builder_agent","vendor":"Vendor A","network":"base""#
  private static let at = "2026-11-16T03:00:00.123Z"
  private static let held =
    #""transaction_id":"tx_1",\#(parties),"amount":"1.250000","asset":"USDC""#
  private static let request = #"\#(parties),"amount":"1.250000","asset":"USDC""#
  private static let use =
    #""day_spent":"1.000000","month_spent":"2.000000","held":"0.500000","daily_limit":"100.000000","monthly_limit":"1000.000000","per_transaction_limit":"10.000000""#

  static let all: [Golden] = [
    Golden(
      .ledgerOpened, "ledger",
      #"{"ledger_id":"01JD0000000000000000000000","schema":1,"software":"tollbook 0.1.0"}"#),
    Golden(
      .segmentOpened, "ledger",
      #"{"predecessor":"000000000001-2026-11-15.jsonl","last_seq":41}"#),
    Golden(
      .segmentSealed, "ledger",
      #"{"segment":"000000000001-2026-11-15.jsonl","first_seq":1,"last_seq":41,"last_hash":"\#(zeros)1","bytes":12345,"sha256":"\#(zeros)2"}"#
    ),
    Golden(
      .ledgerTailRepaired, "ledger",
      #"{"file":"000000000001-2026-11-15.jsonl","bytes_dropped":17,"quarantine_file":"q.part","last_good_seq":41}"#
    ),
    Golden(
      .ledgerRestored, "ledger",
      #"{"reason":"disk died","by":"operator","last_good_seq":41,"last_good_hash":"\#(zeros)3","mark_seq":57,"quarantine":"q"}"#
    ),
    Golden(
      .ledgerRestored, "ledger",
      #"{"reason":"","by":"operator","last_good_seq":0,"last_good_hash":"\#(zeros)3"}"#),
    Golden(
      .clockAdjusted, "ledger",
      #"{"from":"\#(at)","to":"2026-11-16T02:00:00.000Z","reason":"ntp was \"off\"","by":"operator"}"#
    ),
    Golden(
      .budgetLimitSet, "research_agent",
      #"{"kind":"monthly","amount":"2000.000000","asset":"USDC","ticket":"T-7","approved_by":"ops","reason":"season"}"#
    ),
    Golden(
      .budgetLimitSet, "a b/\"c\"",
      #"{"kind":"per_transaction","amount":"0.000000","asset":"USDC","approved_by":"operator","reason":"stop"}"#
    ),
    Golden(
      .walletRegistered, "wal_0123456789ABCDEFGHJKMNPQRS",
      #"{"owner":"default","address":"0x5d5c99EdF529335160FF180fA141Dd4967fc00D2","network":"base","replaces":"wal_1123456789ABCDEFGHJKMNPQRS","reason":"quarterly"}"#
    ),
    Golden(
      .walletRegistered, "foreign",
      #"{"owner":"builder_agent","address":"0xcccccccccccccccccccccccccccccccccccccccc","network":"base-sepolia","reason":"named by \"X\""}"#
    ),
    Golden(
      .walletBalanceObserved, "wal_0123456789ABCDEFGHJKMNPQRS",
      #"{"address":"0x5d5c99EdF529335160FF180fA141Dd4967fc00D2","balance":"25.500000","asset":"USDC","block":23456789,"confirmations":1,"source":"rpc"}"#
    ),
    Golden(
      .walletBalanceObserved, "wal_0123456789ABCDEFGHJKMNPQRS",
      #"{"address":"0x5d5c99EdF529335160FF180fA141Dd4967fc00D2","balance":"0.000000","asset":"USDC","source":"operator"}"#
    ),
    Golden(.killSwitchEngaged, "killswitch", #"{"reason":"drill \"7\"","by":"operator"}"#),
    Golden(.killSwitchReleased, "killswitch", #"{"reason":"over","by":"operator"}"#),
    Golden(
      .configApplied, "ledger",
      #"{"settings":{"WALLET_POLICY_ID":"","X402_PRICE_USD":"0.01"}}"#),
    Golden(.configApplied, "ledger", #"{"settings":{}}"#),
    Golden(
      .paymentStarted, "tx_12345",
      #"{\#(parties),"amount":"1.250000","asset":"USDC","source":"external","occurred_at":"\#(at)","service_url":"https://vendor.example/a/b"}"#
    ),
    Golden(
      .paymentStarted, "tx_0123456789ABCDEFGHJKMNPQRS",
      #"{\#(parties),"amount":"0.000000000000000001","asset":"ETH","source":"external"}"#),
    Golden(
      .paymentStarted, "largest",
      #"{\#(parties),"amount":"170141183460469231731687303715884.105727","asset":"USDC","source":"external"}"#
    ),
    Golden(
      .paymentCompleted, "tx_12345",
      #"{\#(parties),"settled":"1.250000","asset":"USDC","blockchain_tx_hash":"0x\#(zeros)4","latency_ms":1500,"source":"external","occurred_at":"\#(at)","facilitator_receipt":"{\"ok\":true}"}"#
    ),
    Golden(
      .paymentCompleted, "tx_12345",
      #"{\#(parties),"settled":"0.00000000001","asset":"BTC","blockchain_tx_hash":"0xABC","source":"external"}"#
    ),
    Golden(
      .paymentFailed, "tx_12345",
      #"{\#(parties),"code":"EXTERNAL_FAILURE","error":"timeout\n\u0001 é","vendor_fault":true,"latency_ms":30000,"source":"external","occurred_at":"\#(at)"}"#
    ),
    Golden(
      .paymentFailed, "tx_12345",
      #"{\#(parties),"code":"EXTERNAL_FAILURE","error":"","vendor_fault":false,"source":"external"}"#
    ),
    Golden(
      .paymentStarted, "tx_0123456789ABCDEFGHJKMNPQRS",
      #"{\#(parties),"amount":"1.250000","asset":"USDC","source":"direct","service_url":"https://v.example/","intent_id":"intent_0123456789ABCDEFGHJKMNPQRS","provider":"fake","provider_key":"tx_0123456789ABCDEFGHJKMNPQRS","wallet":"0xfeed","component":"media","business_id":"b1"}"#
    ),
    Golden(
      .paymentStarted, "tx_0123456789ABCDEFGHJKMNPQRS",
      #"{\#(parties),"amount":"1.250000","asset":"USDC","source":"direct","intent_id":"i","provider":"fake","provider_key":"k"}"#
    ),
    Golden(
      .paymentCompleted, "tx_1",
      #"{\#(parties),"settled":"1.250000","asset":"USDC","source":"reconcile","facilitator_receipt":"fake_1","attempts":2,"evidence":"fake says completed"}"#
    ),
    Golden(
      .paymentFailed, "tx_1",
      #"{\#(parties),"code":"NOT_TAKEN","error":"never seen","vendor_fault":false,"source":"operator","attempts":1,"evidence":"call with the vendor"}"#
    ),
    Golden(
      .intentSubmitted, "intent_0123456789ABCDEFGHJKMNPQRS",
      #"{\#(request),"component":"media","strategy":"cheapest","business_id":"b1","purpose":"an image"}"#
    ),
    Golden(.intentSubmitted, "foreign", #"{\#(request)}"#),
    Golden(
      .intentApproved, "intent_1",
      #"{\#(request),"rule":"manual","evaluator":"ops","reason":"launch","ticket":"T-1","expires_at":"\#(at)",\#(use)}"#
    ),
    Golden(
      .intentDenied, "intent_1",
      #"{\#(request),"rule":"deny_daily_budget","code":"DAILY_BUDGET_EXCEEDED","evaluator":"GenesisMetaAgent","reason":"r",\#(use)}"#
    ),
    Golden(
      .paymentRefused, "tx_1",
      #"{\#(parties),"amount":"1.250000","asset":"USDC","code":"DAILY_BUDGET_EXCEEDED","intent_id":"intent_1","limit":"100.000000","used":"99.000000","held":"0.500000"}"#
    ),
    Golden(
      .paymentRefused, "tx_1",
      #"{\#(parties),"amount":"1.250000","asset":"USDC","code":"PAYMENTS_DISABLED"}"#),
    Golden(
      .paymentRetried, "tx_1", #"{"attempt":1,"error_class":"5xx","delay_ms":500}"#),
    Golden(
      .paymentUnknown, "tx_1",
      #"{\#(parties),"amount":"1.250000","asset":"USDC","provider":"fake","provider_key":"tx_1","error_class":"timeout","attempts":1}"#
    ),
    Golden(
      .paymentResolved, "tx_1", #"{"outcome":"failed","by":"ops","evidence":"bank statement"}"#),
    Golden(
      .authorizationRequested, "auth_0123456789ABCDEFGHJKMNPQRS",
      #"{\#(held),"expires_at":"\#(at)","intent_id":"i","provider":"fake","provider_key":"k"}"#),
    Golden(
      .authorizationCreated, "auth_1",
      #"{\#(held),"provider_auth_id":"fake_1","latency_ms":3,"source":"provider"}"#),
    Golden(
      .authorizationStepRequested, "auth_1",
      #"{\#(held),"during":"capture","provider_key":"auth_1.1","wanted":"1.000000"}"#),
    Golden(
      .authorizationStepRequested, "auth_1",
      #"{\#(held),"during":"cancel","provider_key":"auth_1.1","reason":"deploy failed"}"#),
    Golden(
      .authorizationCaptured, "auth_1",
      #"{\#(held),"captured":"1.000000","released":"0.250000","blockchain_tx_hash":"0xABC","latency_ms":3,"source":"reconcile","facilitator_receipt":"fake_2","evidence":"fake says"}"#
    ),
    Golden(
      .authorizationCancelled, "auth_1",
      #"{\#(held),"released":"1.250000","reason":"deploy failed","source":"provider"}"#),
    Golden(
      .authorizationExpired, "auth_1",
      #"{\#(held),"released":"1.250000","source":"operator","evidence":"ops: statement"}"#),
    Golden(
      .authorizationFailed, "auth_1",
      #"{\#(held),"during":"authorize","code":"VENDOR_REFUSED","error":"no","vendor_fault":true,"source":"provider"}"#
    ),
    Golden(
      .authorizationUnknown, "auth_1",
      #"{\#(held),"during":"cancel","provider_key":"auth_1.2","error_class":"timeout"}"#),
    Golden(
      .budgetLimitSet, "research_agent",
      #"{"kind":"daily","amount":"200.000000","asset":"USDC","approved_by":"ops","reason":"r","intent_id":"intent_1"}"#
    ),
    Golden(
      .alertRaised, "alert_0123456789ABCDEFGHJKMNPQRS",
      #"{"rule":"budget_threshold","severity":"warning","fingerprint":"budget_threshold a 80% 2026-11-16","about":"a","value":"80.000000","threshold":"80%","text":"💰 Agent Budget Alert\nAgent: a"}"#
    ),
    Golden(.alertAcknowledged, "alert_1", #"{"by":"ops","note":"seen"}"#),
    Golden(.alertAcknowledged, "alert_1", #"{"by":"ops"}"#),
    Golden(.alertResolved, "alert_1", #"{"fingerprint":"payments_unknown payments"}"#),
    Golden(
      .transitionRefused, "tx_1",
      #"{"machine":"payment","from":"completed","to":"failed","source":"operator"}"#),
    Golden(
      .gatewayPaymentAccepted, "rcpt_0123456789ABCDEFGHJKMNPQRS",
      #"{"method":"POST","path":"/agent/task","request_hash":"\#(zeros)5","proof_id":"proof123","proof_mode":"strict","amount":"0.020000","asset":"USDC","price":"0.010000","network":"base","receiver":"0xfeed","policy_id":"default"}"#
    ),
    Golden(
      .gatewayPaymentAccepted, "rcpt_foreign",
      #"{"method":"GET","path":"/","request_hash":"\#(zeros)5","proof_id":"x-paid","proof_mode":"stub","amount":"0.010000","asset":"USDC","price":"0.010000","network":"base-sepolia","policy_id":"p"}"#
    ),
    Golden(
      .gatewayPaymentAccepted, "rcpt_settled",
      #"{"method":"POST","path":"/agent/task","request_hash":"\#(zeros)5","proof_id":"0x\#(zeros)7","proof_mode":"settled","amount":"0.010000","asset":"USDC","price":"0.010000","network":"base","receiver":"0xFeed","policy_id":"default","tx_hash":"0x\#(zeros)8","payer":"0xabc"}"#
    ),
    Golden(
      .routesApplied, "gateway",
      #"{"routes":[{"route":"GET /w/{city}","price":"0.010000","flow":"upfront","session_cap":"5.000000","upstream":"http://127.0.0.1:9000"},{"route":"GET /free/*","flow":"authorization","upstream":"http://127.0.0.1:9000/v2"}]}"#
    ),
    Golden(.routesApplied, "gateway", #"{"routes":[]}"#),
    Golden(
      .gatewayReserved, "rcpt_0123456789ABCDEFGHJKMNPQRS",
      #"{"route":"POST /agent/task","path":"/agent/task","request_hash":"\#(zeros)5","x402_version":2,"network":"base","token":"0xabc","payer":"0xdef","nonce":"\#(zeros)7","amount":"0.010000","asset":"USDC","pay_to":"0xFeed","valid_before":"\#(at)","flow":"authorization","policy_id":"default"}"#
    ),
    Golden(
      .gatewaySettleStarted, "rcpt_1",
      #"{"payment":"{\"x402Version\":2}","requirements":"{\"scheme\":\"exact\"}"}"#),
    Golden(
      .gatewaySettled, "rcpt_1",
      #"{"tx_hash":"0x\#(zeros)8","payer":"0xdef","source":"provider"}"#),
    Golden(
      .gatewaySettled, "rcpt_1",
      #"{"tx_hash":"0x\#(zeros)8","payer":"0xdef","source":"reconcile","evidence":"block 7"}"#),
    Golden(
      .gatewayRefused, "rcpt_1",
      #"{"stage":"verify","code":"INSUFFICIENT_FUNDS","reason":"insufficient_funds","source":"provider"}"#
    ),
    Golden(
      .gatewayRefused, "rcpt_1",
      #"{"stage":"settle","code":"EXPIRED","source":"operator","evidence":"ops: unused"}"#),
    Golden(.gatewayUnknown, "rcpt_1", #"{"error_class":"timeout"}"#),
    Golden(
      .gatewayUnknown, "rcpt_1", #"{"error_class":"pending","tx_hash":"0x\#(zeros)8"}"#),
    Golden(
      .gatewayAnomaly, "rcpt_1", #"{"kind":"other_payer","expected":"0xdef","got":"0x1"}"#),
    Golden(
      .gatewayResponseRecorded, "rcpt_0123456789ABCDEFGHJKMNPQRS",
      #"{"status":200,"headers":{"content-type":"application/json"},"body":"{\"status\":\"accepted\"}"}"#
    ),
    Golden(
      .gatewayResponseRecorded, "rcpt_x",
      #"{"status":599,"headers":{},"body_base64":"AAEC/w=="}"#),
    Golden(
      .gatewayOffersCounted, "gateway",
      #"{"from":"\#(at)","to":"2026-11-16T03:01:00.123Z","count":5,"by_code":{"PAYMENT_REQUIRED":4,"PAYMENT_UNDERPAID":1}}"#
    ),
    Golden(
      .rateLimitTripsCounted, "gateway",
      #"{"from":"\#(at)","to":"2026-11-16T03:01:00.123Z","count":12,"clients":3}"#),
    Golden(
      .jobCompleted, "run_0123456789ABCDEFGHJKMNPQRS",
      #"{"job":"x402_daily_ledger_sync","window_from":"2026-11-15T00:00:00.000Z","window_to":"2026-11-16T00:00:00.000Z","status":"FAIL","counts":{"compared":2,"findings":2},"findings":[{"kind":"amount_differs","severity":"high","subject":"tx_1","expected":"1.250000","got":"\"2\" in line 7"},{"kind":"no_transaction_id","severity":"low","subject":"é"}],"report_path":"data/sync_reports/ledger_sync_20261116_030000.json","report_sha256":"\#(zeros)6","folded_to_seq":41,"duration_ms":12}"#
    ),
    Golden(
      .jobCompleted, "run_foreign",
      #"{"job":"x402_stale_payments","window_from":"2026-11-16T02:00:00.000Z","window_to":"2026-11-16T03:00:00.000Z","status":"PASS","counts":{},"findings":[],"folded_to_seq":0,"duration_ms":0}"#
    ),
    Golden(
      .jobFailed, "run_0123456789ABCDEFGHJKMNPQRS",
      #"{"job":"x402_daily_ledger_sync","error":"logs/finance_ledger.jsonl is a folder","duration_ms":3}"#
    ),
    Golden(
      .financeEntryRecorded, "fin_0123456789ABCDEFGHJKMNPQRS",
      #"{"entry_type":"payment","tx_id":"tx_1","amount":"1.250000","asset":"USDC","vendor":"Vendor A","memo":"a \"note\""}"#
    ),
    Golden(
      .financeEntryRecorded, "fin_foreign",
      #"{"entry_type":"payroll","amount":"0.000000","asset":"USDC"}"#),
    Golden(
      .vendorCapabilityObserved, "weather-api",
      #"{"pricing":{"default":"0.050000","image \"é\"":"1.250000"},"tokens":["USDC","DAI"],"chains":["base"],"capabilities":["forecast"],"source":"operator","reason":"price list of May"}"#
    ),
    Golden(
      .vendorCapabilityObserved, "v",
      #"{"pricing":{},"tokens":[],"chains":[],"capabilities":[],"source":"purchase"}"#),
    Golden(
      .businessGenerated, "biz_0123456789ABCDEFGHJKMNPQRS",
      #"{"business_name":"Rain \"R\" Us","success":true,"projected_revenue":"1000.000000","dashboard_url":"https://d.example/1"}"#
    ),
    Golden(.businessGenerated, "b1", #"{"business_name":"n","success":false}"#),
  ]
}
