/// Everything that `tollbook` can be told to do; the raw value is what one types.
package enum CommandName: String, CaseIterable, Sendable {
  case serve
  case logTail = "log tail"
  case logGrep = "log grep"
  case logShow = "log show"
  case logVerify = "log verify"
  case logRecover = "log recover"
  case logHead = "log head"
  case logAppend = "log append"
  case logExport = "log export"
  case replay
  case viewList = "view list"
  case viewShow = "view show"
  case viewRebuild = "view rebuild"
  case viewDiff = "view diff"
  case txList = "tx list"
  case txGet = "tx get"
  case txTotal = "tx total"
  case txSample = "tx sample"
  case statsSuccessRate = "stats success-rate"
  case statsLatency = "stats latency"
  case statsFailures = "stats failures"
  case importTransactions = "import transactions"
  case configShow = "config show"
  case configCheck = "config check"
  case quickstartVerify = "quickstart verify"
  case doctor
  case reportFacts = "report facts"
  case jsonCheck = "json check"
  case clockAccept = "clock accept"
  case budgetSet = "budget set"
  case budgetUsage = "budget usage"
  case pay
  case authCreate = "auth create"
  case authCapture = "auth capture"
  case authCancel = "auth cancel"
  case authResolve = "auth resolve"
  case authExpire = "auth expire"
  case authList = "auth list"
  case txResolve = "tx resolve"
  case reconcilePayments = "reconcile payments"
  case intentSubmit = "intent submit"
  case intentApprove = "intent approve"
  case intentDeny = "intent deny"
  case intentList = "intent list"
  case intentGet = "intent get"
  case killSwitchOn = "killswitch on"
  case killSwitchOff = "killswitch off"
  case killSwitchStatus = "killswitch status"
  case syncDaily = "sync daily"
  case monitorStale = "monitor stale"
  case jobList = "job list"
  case financeRecord = "finance record"
  case vendorList = "vendor list"
  case vendorGet = "vendor get"
  case vendorRefresh = "vendor refresh"
  case vendorSet = "vendor set"
  case vendorStreaks = "vendor streaks"
  case businessGenerated = "business generated"
  case reportBusiness = "report business"
  case metricsShow = "metrics show"
  case version
  case help
  case completion

  /// One word or two: noun, and verb where the noun has verbs.
  package var words: [String] { rawValue.split(separator: " ").map(String.init) }
}
