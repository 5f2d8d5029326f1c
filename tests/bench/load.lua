-- What wrk sends and tells, for load.mjs. The request comes by the environment, because wrk takes neither a body nor many
-- addresses otherwise: LOAD_METHOD, LOAD_BODY, LOAD_HEADERS (one a line), and LOAD_PATHS (one a line, taken in turn). In
-- path, body and headers, %n is the number of the request, different in each thread and run.
local function lines(text)
  local all = {}
  for line in (text or ""):gmatch("[^\n]+") do
    all[#all + 1] = line
  end
  return all
end

local method = os.getenv("LOAD_METHOD") or "GET"
local body = os.getenv("LOAD_BODY")
local given = {}
for _, line in ipairs(lines(os.getenv("LOAD_HEADERS"))) do
  local name, value = line:match("^([^:]+): ?(.*)$")
  given[name] = value
end
local paths = lines(os.getenv("LOAD_PATHS"))
local number = tonumber(os.getenv("LOAD_FIRST") or "0")

local function numbered(text)
  return text and (text:gsub("%%n", tostring(number)))
end

local function changing()
  number = number + 1
  local path = paths[(number - 1) % #paths + 1]
  local headers = {}
  for name, value in pairs(given) do
    headers[name] = numbered(value)
  end
  -- Addresses of a network that is nobody's (RFC 2544), for limits by address.
  if headers["x-forwarded-for"] then
    headers["x-forwarded-for"] = string.format("198.%d.%d.%d", 18 + math.floor(number / 65536) % 2, math.floor(number / 256) % 256, number % 256)
  end
  return wrk.format(method, numbered(path), headers, numbered(body))
end

-- A request that is always the same is made once: making it costs more than sending it.
if #paths == 1 and not ((body or "") .. paths[1]):find("%%n") and not given["x-forwarded-for"] then
  wrk.method, wrk.path, wrk.body = method, paths[1], body
  for name, value in pairs(given) do
    wrk.headers[name] = value
  end
else
  request = changing
end

done = function(summary, latency)
  io.write(string.format(
    'SAMPLE {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
