-- weak.lua - the weak workloads of besom-bench in Lua 5.4, as its users would write them.
--
-- bench/worker.h says how a worker is spoken to; bench/workload-*.c say what each workload does.  A
-- table with weak keys is Lua's ephemeron table.  Symbols are in a table with weak values, by their
-- text; a text cut out of the buffer is a string, which Lua looks up in a table of its own first.
-- The cache is a list by last use, with a weak table for what it has evicted.
--
-- Lua has no clock of more than seconds but that of the processor, whose time its one thread uses.
-- It does not tell how long it collects: the longest of the collections that are called for is the
-- stop that is reported.

local STREAM_LENGTH <const> = 1 << 18
local STREAM_SEED <const> = 12345
local MASK <const> = 0xffffffff

-- ---- what all workloads share ----

local function value(metric, number) print(("value %s %.17g"):format(metric, number)) end
local function check(sum) print(("check %d"):format(sum)) end

local function fail(why)
  print("failed " .. why)
  os.exit(1)
end

local function random_new(seed)
  local x = seed
  return function(bound) -- uniform in [0, bound); without a bound, 32 bits
    x = (x ~ x << 13) & MASK
    x = x ~ x >> 17
    x = (x ~ x << 5) & MASK
    return bound and x * bound >> 32 or x
  end
end

-- Choices are counted from 0, in what they choose as well.
local function stream_uniform(bound)
  local random, stream = random_new(STREAM_SEED), {}
  for i = 1, STREAM_LENGTH do stream[i] = random(bound) end
  return stream
end

local function stream_skewed(bound)
  local random, stream = random_new(STREAM_SEED), {}
  for i = 1, STREAM_LENGTH do
    local square = random() * 0x1p-32
    square = square * square
    stream[i] = math.floor(square * square * bound)
  end
  return stream
end

local function median(samples)
  table.sort(samples)
  local n = #samples
  return (samples[(n + 1) // 2] + samples[n // 2 + 1]) / 2
end

local longest = 0 -- of the collections that were called for, in seconds

-- A full collection, and how many seconds it took.
local function collect()
  local began = os.clock()
  collectgarbage()
  local took = os.clock() - began
  longest = math.max(longest, took)
  return took
end

-- Runs body, and reports what an operation took and the longest stop.
local function measure(operations, body)
  collect()
  longest = 0
  local began = os.clock()
  body()
  value("ns_per_op", (os.clock() - began) * 1e9 / operations)
  value("stop_ms_max", longest * 1e3)
end

local function median_collection(n)
  local seconds = {}
  for i = 1, n do seconds[i] = collect() end
  return median(seconds)
end

local function count(t)
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  return n
end

local weak_keys, weak_values = {__mode = "k"}, {__mode = "v"}

-- ---- the workloads ----

local workloads = {}

function workloads.ephemeron(params)
  local n = params.entries
  local map, first = setmetatable({}, weak_keys), nil
  do
    local keys, order, random = {}, {}, random_new(STREAM_SEED)
    for i = 0, n do keys[i] = {number = i} end
    for i = 0, n - 1 do order[i] = i end
    for i = n - 1, 1, -1 do
      local j = random(i + 1)
      order[i], order[j] = order[j], order[i]
    end
    for i = 0, n - 1 do map[keys[order[i]]] = keys[order[i] + 1] end
    first = keys[0]
  end
  local first_s = collect()
  value("ns_per_entry", median_collection(params.collections) * 1e9 / n)
  value("first_ns_per_entry", first_s * 1e9 / n)
  local sum, item = 0, first
  while item do
    sum = sum * 31 + item.number & MASK
    item = map[item]
  end
  check(sum)
end

workloads["weak-table"] = function(params)
  local n = params.entries
  local keys, values = {}, {}
  for i = 1, n do keys[i] = {number = i - 1} end
  for i = 1, n do values[i] = {number = n + i - 1} end
  collect()
  local without = median_collection(5)
  local without_kib = collectgarbage("count")
  local map = setmetatable({}, weak_keys)
  for i = 1, n do map[keys[i]] = values[i] end
  collect()
  local with = median_collection(5)
  value("ns_per_entry", (with - without) * 1e9 / n)
  value("bytes_per_entry", (collectgarbage("count") - without_kib) * 1024 / n)
  value("graph_ns_per_entry", without * 1e9 / n)
  local sum = 0
  for i = 1, n do sum = sum * 31 + map[keys[i]].number & MASK end
  check(sum)
end

workloads["weak-churn"] = function(params)
  local n, operations = params.entries, params.operations
  local choices = stream_uniform(n)
  local map, window = setmetatable({}, weak_keys), {}
  for i = 1, n do
    local key = {number = i - 1}
    map[key] = {number = i - 1}
    window[i] = key
  end
  local sum = 0
  measure(operations, function()
    local oldest = 1
    for i = 0, operations - 1 do
      local key = {number = n + i}
      map[key] = {number = n + i}
      window[oldest] = key
      sum = sum * 31 + map[window[choices[i % STREAM_LENGTH + 1] + 1]].number & MASK
      oldest = oldest + 1
      if oldest > n then
        oldest = 1
        collect()
      end
    end
  end)
  check(sum)
  collect()
  if count(map) ~= n then fail("entries of dead keys are left, or others are not") end
end

-- A text of words, of which there are n, and where in it each begins, counted from 1.
local function text_new(n)
  local random, dictionary = random_new(STREAM_SEED), {}
  for i = 1, n do
    local letters = {}
    for j = 1, 6 + random(16) do letters[j] = 97 + random(26) end
    dictionary[i] = string.char(table.unpack(letters))
  end
  local words, at = stream_skewed(n), {1}
  for i, word in ipairs(words) do
    words[i] = dictionary[word + 1]
    at[i + 1] = at[i] + #words[i]
  end
  return table.concat(words), at
end

function workloads.intern(params)
  local n, operations = params.entries, params.operations
  local text, at = text_new(4 * n)
  local set, held = setmetatable({}, weak_values), {}
  local sub, byte = string.sub, string.byte
  local function intern(word)
    local symbol = set[word]
    if not symbol then
      symbol = {text = word, length = #word}
      set[word] = symbol
    end
    return symbol
  end
  local sum = 0
  measure(operations, function()
    local oldest = 1
    for i = 0, operations - 1 do
      local word = i % STREAM_LENGTH + 1
      local symbol = intern(sub(text, at[word], at[word + 1] - 1))
      held[oldest] = symbol
      sum = sum * 31 + symbol.length + byte(symbol.text) & MASK
      oldest = oldest + 1
      if oldest > n then
        oldest = 1
        collect()
      end
    end
  end)
  check(sum)
  for _, symbol in pairs(held) do
    if intern(symbol.text) ~= symbol then fail("two symbols have one text") end
  end
end

-- Nodes by key, in a ring by last use: ring.newer is the oldest, ring.older the newest.
local function cache_new(budget)
  local nodes, evicted = {}, setmetatable({}, weak_values)
  local ring = {}
  ring.newer, ring.older = ring, ring
  local kept = 0
  local function add(node)
    node.newer, node.older = ring, ring.older
    ring.older.newer = node
    ring.older = node
  end
  local function remove(node)
    node.newer.older = node.older
    node.older.newer = node.newer
  end
  local function put(key, value)
    local node = nodes[key]
    if node then
      remove(node)
      kept = kept - node.cost
    else
      node = {key = key}
      nodes[key] = node
    end
    node.value, node.cost = value, 16 + 8 * #value
    kept = kept + node.cost
    add(node)
    while kept > budget do
      local last = ring.newer
      remove(last)
      kept = kept - last.cost
      nodes[last.key] = nil
      evicted[last.key] = last.value
    end
  end
  local function get(key)
    local node = nodes[key]
    if node then
      remove(node)
      add(node)
      return node.value
    end
    local value = evicted[key]
    if value then
      evicted[key] = nil
      put(key, value)
    end
    return value
  end
  return get, put
end

function workloads.cache(params)
  local n, operations = params.entries, params.operations
  local choices = stream_skewed(n)
  local keys, held = {}, {}
  for i = 1, n do keys[i] = {number = i - 1} end
  local get, put = cache_new(params.budget_bytes)
  local sum, misses = 0, 0
  measure(operations, function()
    for i = 0, operations - 1 do
      local key = keys[choices[i % STREAM_LENGTH + 1] + 1]
      local words = get(key)
      if not words then
        misses = misses + 1
        local number = key.number
        words = {}
        for j = 1, 2 + number * 7 % 15 do words[j] = number + j - 1 end
        put(key, words)
      end
      if i % 64 == 0 then held[i // 64 % 4096] = words end
      sum = sum * 31 + words[2] & MASK
      if (i + 1) % n == 0 then collect() end
    end
  end)
  value("miss_fraction", misses / operations)
  check(sum)
end

function workloads.finalize(params)
  local n, operations = params.entries, params.operations
  local window, heard, sum = {}, 0, 0
  local finalizable = {
    __gc = function(item)
      heard = heard + 1
      sum = sum + item.number & MASK
    end
  }
  measure(operations, function()
    local oldest = 1
    for i = 0, operations - 1 do
      window[oldest] = setmetatable({number = i}, finalizable)
      oldest = oldest + 1
      if oldest > n then
        oldest = 1
        collect()
      end
    end
  end)
  window = nil
  for _ = 1, 10 do
    if heard ~= operations then collect() end
  end
  if heard ~= operations then fail("not every object was finalized, or not once") end
  check(sum)
end

-- ---- one run ----

if arg[1] == "about" then
  print("lua " .. _VERSION:match("[%d.]+"))
  return
end
local params = {}
for i = 2, #arg do
  local name, text = arg[i]:match("^([%w_]+)=(.*)$")
  if name then params[name] = math.tointeger(text) or text end
end
local workload = workloads[arg[1]]
if not workload then fail("this worker has no such workload") end
workload(params)
