import Glibc
import JSON
import Journal
import Ledger

/// Picks small numbers often and large ones seldom: number k has weight 1 / (k + 1)^exponent.
struct Zipf {
  /// Sums of the weights up to each number, the last one 1.
  private let sums: [Double]

  init(count: Int, exponent: Double) {
    let weights = (1...count).map { pow(Double($0), -exponent) }
    let total = weights.reduce(0, +)
    var sum = 0.0
    sums = weights.map { weight in
      sum += weight / total
      return sum
    }
  }

  func pick(_ random: inout SplitMix64) -> Int {
    let point = Double.random(in: 0..<1, using: &random)
    var low = 0
    var high = sums.count - 1
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > point { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// When one vendor is up and when it is down.
struct Outage {
  private var isDown = false
  private var until = 0.0
  /// From when on it is down for good; nil for most.
  private let end: Double?

  init(end: Double?) { self.end = end }

  /// Whether it is down at a moment, in milliseconds; moments come nearly in order.
  mutating func isDown(at now: Double, _ random: inout SplitMix64) -> Bool {
    if let end, now >= end { return true }
    while now >= until {
      let mean = isDown || until == 0 ? 5 * 86_400_000.0 : 4 * 3_600_000.0
      isDown = until == 0 ? false : !isDown
      until += -log(1 - Double.random(in: 0..<1, using: &random)) * mean
    }
    return isDown
  }
}

/// Payments by the time of their end: a binary heap.
struct EndQueue {
  private var heap: [OpenPayment] = []

  var top: OpenPayment? { heap.first }

  mutating func push(_ payment: OpenPayment) {
    heap.append(payment)
    var child = heap.count - 1
    while child > 0, heap[child].endsAt < heap[(child - 1) / 2].endsAt {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() {
    guard let last = heap.popLast(), !heap.isEmpty else { return }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [parent * 2 + 1, parent * 2 + 2] where child < heap.count {
        if heap[child].endsAt < heap[least].endsAt { least = child }
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}

/// The words of the workload.
enum Vocabulary {
  /// A network, and what moves on it.
  struct Chain {
    let network: Network
    let asset: Asset
    let isEVM: Bool
    let isBase: Bool
  }

  static let agents: [Text] = {
    let names = [
      "builder", "research", "support", "travel", "coding", "data", "finance", "design", "legal",
      "sales",
    ]
    return (0..<200).map { number in
      let digits = String(number + 1_000).dropFirst()
      return number < names.count ? Text("\(names[number])_agent") : Text("worker_agent_\(digits)")
    }
  }()

  static let vendors: [Text] = {
    let names = [
      "openai", "anthropic", "vercel", "tavily", "firecrawl", "browserbase", "replicate",
      "supabase", "pinecone", "twilio", "cloudflare", "github", "exa", "serper", "deepgram",
      "elevenlabs", "neon", "upstash", "resend", "modal",
    ]
    return (0..<50).map { Text($0 < names.count ? names[$0] : "vendor-\($0).example") }
  }()

  static let components = [
    "hosting", "search", "inference", "storage", "email", "speech", "scraping", "vectors",
  ]

  static let errors: [Text] = [
    "WRONG_CHAIN", "WRONG_ASSET", "WRONG_AMOUNT", "PROVIDER_ERROR", "NO_MATCH", "EXPIRED",
  ]

  /// Escaped quotes and a newline, and a raw arrow.
  static let escapes: Text = "retry \"402\" \u{2192} ok\n"
  /// A text that looks like an event.
  static let lookalike: Text =
    "{\"type\":\"payment.completed\",\"settled\":\"9.000000\",\"asset\":\"USDC\"}"

  /// No test networks: their money is in no sum, which the other programs would have to know.
  private static let chains: [(share: Double, chain: Chain)] = [
    ("base", 0.72, Asset.usdc, true), ("polygon", 0.80, .usdc, true),
    ("solana", 0.86, .usdc, false), ("lightning", 1, .btc, false),
  ].compactMap { name, share, asset, isEVM in
    Network(Text(name)).map {
      (share, Chain(network: $0, asset: asset, isEVM: isEVM, isBase: name == "base"))
    }
  }

  /// The network for a number from 0 to 1: base 72 %, polygon 8, solana 6, lightning 14.
  static func network(_ point: Double) -> Chain {
    for (share, chain) in chains where point < share { return chain }
    return chains[0].chain
  }
}
