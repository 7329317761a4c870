-- wrk's script: requests to the addresses of a file, in random order; the last line says how long answers took, as JSON.
-- After `--`: the file of addresses, and for uploads a file with the body.
local addresses, body, threads = {}, nil, {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  math.randomseed(tonumber(tostring({}):sub(8)) or 1)
  for address in io.lines(args[1]) do addresses[#addresses + 1] = address end
  if args[2] then
    local file = io.open(args[2], "rb")
    body = file:read("*a")
    file:close()
  end
  refused, failed, first_failure = 0, 0, ""
end

function request()
  local address = addresses[math.random(#addresses)]
  if not body then return wrk.format("GET", address, {["Accept"] = "image/webp,*/*", ["Accept-Encoding"] = "gzip"}) end
  return wrk.format("POST", address, {["Content-Type"] = "multipart/form-data; boundary=photo"}, body)
end

function response(status)
  -- Refused with a time to come back: what the site is meant to do. Anything else beyond 399 is an error.
  if status == 429 or status == 503 then
    refused = refused + 1
  elseif status >= 400 then
    failed = failed + 1
    first_failure = tostring(status)
  end
end

function done(summary, latency)
  local refused_in_all, failed_in_all, example = 0, 0, ""
  for _, thread in ipairs(threads) do
    refused_in_all = refused_in_all + thread:get("refused")
    failed_in_all = failed_in_all + thread:get("failed")
    if thread:get("first_failure") ~= "" then example = thread:get("first_failure") end
  end
  local lost = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.3f, "p50": %.2f, "p95": %.2f, "p99": %.2f, "most": %.2f, "refused": %d, "failed": %d, '
      .. '"lost": %d, "example": "%s"}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(95) / 1000,
    latency:percentile(99) / 1000, latency.max / 1000, refused_in_all, failed_in_all,
    lost.connect + lost.read + lost.write + lost.timeout, example))
end
