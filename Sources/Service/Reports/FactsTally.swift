import JSON
import Journal
import Ledger

/// What one thread sums up for the four questions, chunk by chunk.
struct FactsTally {
  private let book: Book
  private let seed = Hash128.seed
  private let scratch = FactsScratch()
  private var codec = RecordCodec()
  private var times = TimeCache()
  private var names = NameTable()
  private var spend = SpendTable()
  /// Records of the book by type, payments only.
  private var counts = [Int](repeating: 0, count: EventType.allCases.count)
  /// By the vendor's number: its index among the chunk's streaks, -1 when it has none yet.
  private var streakOfVendor: [Int] = []
  /// By the vendor's number: its text; nil when not asked yet.
  private var texts: [Text?] = []
  /// By the name's number: the network of that name; nil when not asked yet.
  private var networks: [NetworkFact?] = []

  /// What is known of a network's name.
  private enum NetworkFact {
    case noNetwork, test, real
  }

  init(_ book: Book) { self.book = book }

  /// Adds what this thread has summed up.
  func collect(into totals: inout FactsTotals) {
    for index in counts.indices { totals.counts[index] += counts[index] }
    var agents = [UInt32?](repeating: nil, count: names.names.count)
    spend.each { key, units in
      let name = Int(key.agent)
      guard networks[Int(key.network)] == .real,
        let agent = agents[name] ?? text(name).map({ totals.number(of: $0) })
      else { return }
      agents[name] = agent
      let total = SpendTable.Key(agent: agent, day: key.day, network: 0, asset: key.asset)
      totals.spend.add(units, to: total)
    }
  }

  private func text(_ number: Int) -> Text? { Text(utf8: names.names[number]) }

  /// Takes the lines of a chunk; nil when anything in them calls for a full fold.
  mutating func take(_ lines: LineBuffer.Lines, of piece: Int) -> FactsChunk? {
    var result = FactsChunk()
    result.piece = piece
    result.steps.reserveCapacity(lines.bytes.count / 384)
    for index in streakOfVendor.indices { streakOfVendor[index] = -1 }
    guard let base = lines.bytes.baseAddress else { return result }
    let bytes = base.assumingMemoryBound(to: UInt8.self)
    var line = FactsLine()
    var times = times
    defer { self.times = times }
    var start = 0
    while start < lines.bytes.count {
      if let length = line.read(bytes + start, times: &times) {
        guard take(&line, at: lines.offset + start, &result) else { return nil }
        start += length
      } else {
        guard let end = lines.bytes.lineEnd(from: start) else { return nil }
        let line = UnsafeRawBufferPointer(rebasing: lines.bytes[start..<end - 1])
        guard takeFully(line, at: lines.offset + start, &result) else { return nil }
        start = end
      }
    }
    return result
  }

  /// Takes a line in that was decoded in full.
  private mutating func takeFully(
    _ line: UnsafeRawBufferPointer, at offset: Int, _ result: inout FactsChunk
  ) -> Bool {
    let record: Record
    do { record = try codec.decode(line) } catch { return false }
    // Money of our own is more than starts and ends: what it comes to says the full fold.
    guard record.event.type.isImportable else { return false }
    return scratch.withLine(of: record) { line, isPayment in
      if isPayment { return take(&line, at: offset, &result) }
      guard advance(&line, &result) else { return false }
      noteKey(&line, record.book, &result)
      result.others.append(record)
      return true
    }
  }

  /// Takes in one line of a payment, of either book. `inout` only saves copies of the line.
  private mutating func take(
    _ line: inout FactsLine, at offset: Int, _ result: inout FactsChunk
  ) -> Bool {
    guard advance(&line, &result) else { return false }
    let lineBook: Book = line.isFake ? .fake : .real
    noteKey(&line, lineBook, &result)
    let network = names.intern(line.network)
    guard isNetwork(network) else { return false }
    guard lineBook == book else { return true }
    let agent = names.intern(line.agent)
    let vendor = names.intern(line.vendor)
    counts[line.type.rawValue] += 1
    let parties = Words.fold(
      Words.fold(names.hashes[agent] ^ seed.low, names.hashes[vendor] ^ seed.high)
        ^ names.hashes[network], seed.low &+ seed.high)
    let payment = Hash128(of: line.subject, seed: seed)
    let isStart = line.type == .paymentStarted
    result.steps.append(
      FactsChunk.Step(
        payment: payment, parties: parties, asset: line.asset,
        startedAt: isStart ? line.occurredAt ?? line.at : nil, offset: offset))
    note(&line, agent: agent, vendor: vendor, network: network, &result)
    return true
  }

  /// Adds to the sums and streaks.
  private mutating func note(
    _ line: inout FactsLine, agent: Int, vendor: Int, network: Int, _ result: inout FactsChunk
  ) {
    while streakOfVendor.count <= vendor { streakOfVendor.append(-1) }
    if streakOfVendor[vendor] < 0 {
      streakOfVendor[vendor] = result.streaks.count
      while texts.count <= vendor { texts.append(nil) }
      let name = texts[vendor] ?? text(vendor)
      texts[vendor] = name
      guard let name else { return }
      result.streaks.append(FactsChunk.Streak(vendor: name, hash: names.hashes[vendor]))
    }
    let place = streakOfVendor[vendor]
    switch line.type {
    case .paymentCompleted:
      guard let asset = line.asset else { return }
      let moment = Timestamp(milliseconds: line.occurredAt ?? line.at)
      let key = SpendTable.Key(
        agent: UInt32(agent), day: moment.day.number, network: UInt32(network),
        asset: asset.rawValue)
      spend.add(line.units, to: key)
      result.streaks[place].hasCompleted = true
      result.streaks[place].failures = 0
    case .paymentFailed:
      if line.vendorFault { result.streaks[place].failures += 1 }
    default: break
    }
  }

  /// Checks a line against the one before it; false when they do not fit.
  @inline(__always)
  private func advance(_ line: inout FactsLine, _ result: inout FactsChunk) -> Bool {
    if result.records == 0 {
      result.firstSeq = line.seq
      result.firstAt = line.at
      result.beginsWithKey = line.key != nil
    } else {
      guard line.seq == result.firstSeq + UInt64(result.records), line.at >= result.lastAt,
        !(result.endsInsideUnit && line.key != nil)
      else { return false }
    }
    result.records += 1
    result.lastAt = line.at
    result.endsInsideUnit = line.more
    return true
  }

  @inline(__always)
  private func noteKey(
    _ line: inout FactsLine, _ lineBook: Book?, _ result: inout FactsChunk
  ) {
    guard let key = line.key, lineBook == book else { return }
    var hash = seed
    hash.take(key)
    hash.take(line.op)
    hash.take(line.actor)
    result.keys.append(hash)
  }

  private mutating func isNetwork(_ number: Int) -> Bool {
    while networks.count <= number { networks.append(nil) }
    if let known = networks[number] { return known != .noNetwork }
    let network = text(number).flatMap { Network($0) }
    let fact: NetworkFact = network.map { $0.isTest ? .test : .real } ?? .noNetwork
    networks[number] = fact
    return fact != .noNetwork
  }
}
