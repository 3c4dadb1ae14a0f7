-- Paid requests, each with a key and a proof of its own. The seed keeps runs apart.
local n, run = 0, os.time() % 1000000
request = function()
  n = n + 1
  local id = string.format("%06d-%09d", run, n)
  return "POST /agent/task HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    .. "X-Payment: v1:0.01:proof-" .. id .. "\r\nIdempotency-Key: key-" .. id
    .. "\r\nContent-Length: 15\r\n\r\n{\"task\":\"test\"}"
end
done = function(summary, latency)
  io.write(string.format("p50_us=%d p99_us=%d bad=%d\n", latency:percentile(50), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
