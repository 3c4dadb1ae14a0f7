-- A plain GET.
wrk.method = "GET"
done = function(summary, latency)
  io.write(string.format("p50_us=%d p99_us=%d bad=%d\n", latency:percentile(50), latency:percentile(99),
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
