// weak.js - the weak workloads of besom-bench in JavaScript, as its users would write them.
//
// bench/worker.h says how a worker is spoken to; bench/workload-*.c say what each workload does.
// For Node, started with --expose-gc.  A table with weak keys is a WeakMap.  Symbols, and what the
// cache has evicted, are in a Map of WeakRefs, which a FinalizationRegistry rids of those that have
// died.  A finalizer is a registration there: its callback gets the number, not the object.
//
// A WeakRef holds its target until the running job ends, and callbacks are jobs of their own: the
// loops give way after every BATCH operations, as a server does between requests.
'use strict';

const {performance, PerformanceObserver} = require('perf_hooks');

const STREAM_LENGTH = 1 << 18;
const STREAM_SEED = 12345;
const BATCH = 1000;

// ---- what all workloads share ----

const value = (metric, number) => console.log(`value ${metric} ${number}`);
const check = (sum) => console.log(`check ${sum}`);
const sumOf = (sum, seen) => (Math.imul(sum, 31) + seen) >>> 0;
const collect = () => globalThis.gc();
const otherJobs = () => new Promise((resolve) => setImmediate(resolve));

// Uniform in [0, 2^32).
function randomNew(seed) {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

const below = (random, bound) => Math.floor((random() * bound) / 2 ** 32);

function streamUniform(bound) {
  const random = randomNew(STREAM_SEED);
  return Uint32Array.from({length: STREAM_LENGTH}, () => below(random, bound));
}

function streamSkewed(bound) {
  const random = randomNew(STREAM_SEED);
  return Uint32Array.from({length: STREAM_LENGTH}, () => {
    let square = random() / 2 ** 32;
    square *= square;
    return Math.floor(square * square * bound);
  });
}

function median(samples) {
  samples.sort((a, b) => a - b);
  const n = samples.length;
  return (samples[(n - 1) >> 1] + samples[n >> 1]) / 2;
}

function collectionMs() {
  const began = performance.now();
  collect();
  return performance.now() - began;
}

const medianCollectionMs = (n) => median(Array.from({length: n}, collectionMs));

// Runs body, and reports what an operation took and the longest stop.
async function measure(operations, body) {
  let longest = 0;
  const note = (entries) => {
    for (const entry of entries) longest = Math.max(longest, entry.duration);
  };
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({entryTypes: ['gc']});
  const began = performance.now();
  await body();
  const ms = performance.now() - began;
  for (let i = 0; i < 5; i++) await otherJobs(); // the last entries come late
  note(observer.takeRecords());
  observer.disconnect();
  value('ns_per_op', (ms * 1e6) / operations);
  value('stop_ms_max', longest);
}

class Item {
  constructor(number) {
    this.number = number;
  }
}

// ---- the workloads ----

const workloads = {};

// A chain of n entries in map; its first key.
function chainNew(map, n) {
  const random = randomNew(STREAM_SEED);
  const keys = Array.from({length: n + 1}, (_, i) => new Item(i));
  const order = Uint32Array.from({length: n}, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  for (const i of order) map.set(keys[i], keys[i + 1]);
  return keys[0];
}

workloads['ephemeron'] = ({entries: n, collections}) => {
  const map = new WeakMap();
  const first = chainNew(map, n);
  const firstMs = collectionMs();
  value('ns_per_entry', (medianCollectionMs(collections) * 1e6) / n);
  value('first_ns_per_entry', (firstMs * 1e6) / n);
  let sum = 0;
  for (let item = first; item; item = map.get(item)) sum = sumOf(sum, item.number);
  check(sum);
};

workloads['weak-table'] = ({entries: n}) => {
  const keys = Array.from({length: n}, (_, i) => new Item(i));
  const values = Array.from({length: n}, (_, i) => new Item(n + i));
  collect();
  const without = medianCollectionMs(5);
  const withoutBytes = process.memoryUsage().heapUsed;
  const map = new WeakMap();
  for (let i = 0; i < n; i++) map.set(keys[i], values[i]);
  collect();
  const all = medianCollectionMs(5);
  value('ns_per_entry', ((all - without) * 1e6) / n);
  value('bytes_per_entry', (process.memoryUsage().heapUsed - withoutBytes) / n);
  value('graph_ns_per_entry', (without * 1e6) / n);
  check(keys.reduce((sum, key) => sumOf(sum, map.get(key).number), 0));
};

workloads['weak-churn'] = async ({entries: n, operations}) => {
  const choices = streamUniform(n);
  const map = new WeakMap();
  const window = [];
  const enter = (at, number) => {
    const key = new Item(number);
    map.set(key, new Item(number));
    window[at] = key;
  };
  for (let i = 0; i < n; i++) enter(i, i);
  collect();
  let sum = 0;
  await measure(operations, async () => {
    for (let i = 0, oldest = 0; i < operations; i++) {
      enter(oldest, n + i);
      sum = sumOf(sum, map.get(window[choices[i % STREAM_LENGTH]]).number);
      if (++oldest === n) {
        oldest = 0;
        collect();
      }
      if (i % BATCH === BATCH - 1) await otherJobs();
    }
  });
  check(sum);
};

// A text of words, of which there are n, and where in it each begins.
function textNew(n) {
  const random = randomNew(STREAM_SEED);
  const letter = () => 97 + below(random, 26);
  const wordNew = () => String.fromCharCode(...Array.from({length: 6 + below(random, 16)}, letter));
  const dictionary = Array.from({length: n}, wordNew);
  const words = Array.from(streamSkewed(n), (word) => dictionary[word]);
  const at = new Uint32Array(words.length + 1);
  words.forEach((word, i) => (at[i + 1] = at[i] + word.length));
  return {text: Buffer.from(words.join(''), 'latin1').toString('latin1'), at};
}

// A Map of WeakRefs without those that have died.
function weakMapOfValues() {
  const refs = new Map();
  const registry = new FinalizationRegistry((key) => {
    if (refs.get(key)?.deref() === undefined) refs.delete(key);
  });
  return {
    get: (key) => refs.get(key)?.deref(),
    set: (key, value) => {
      refs.set(key, new WeakRef(value));
      registry.register(value, key);
    },
    delete: (key) => refs.delete(key),
  };
}

workloads['intern'] = async ({entries: n, operations}) => {
  const {text, at} = textNew(4 * n);
  const set = weakMapOfValues();
  const held = [];
  const intern = (word) => {
    let symbol = set.get(word);
    if (symbol === undefined) {
      symbol = {text: word, length: word.length};
      set.set(word, symbol);
    }
    return symbol;
  };
  let sum = 0;
  collect();
  await measure(operations, async () => {
    for (let i = 0, oldest = 0; i < operations; i++) {
      const word = i % STREAM_LENGTH;
      const symbol = intern(text.substring(at[word], at[word + 1]));
      held[oldest] = symbol;
      sum = sumOf(sum, symbol.length + symbol.text.charCodeAt(0));
      if (++oldest === n) {
        oldest = 0;
        collect();
      }
      if (i % BATCH === BATCH - 1) await otherJobs();
    }
  });
  check(sum);
  if (held.some((symbol) => intern(symbol.text) !== symbol))
    throw new Error('two symbols have one text');
};

// Nodes by key, in a ring by last use: ring.newer is the oldest, ring.older the newest.  (A Map is
// in the order of insertion, but finding its first entry is slow after many before it are deleted.)
class Cache {
  constructor(budget) {
    this.budget = budget;
    this.kept = 0;
    this.nodes = new Map();
    this.evicted = weakMapOfValues();
    this.ring = {key: null, words: null, cost: 0, newer: null, older: null};
    this.ring.newer = this.ring.older = this.ring;
  }

  add(node) {
    node.newer = this.ring;
    node.older = this.ring.older;
    this.ring.older.newer = node;
    this.ring.older = node;
    this.kept += node.cost;
  }

  remove(node) {
    node.newer.older = node.older;
    node.older.newer = node.newer;
    this.kept -= node.cost;
  }

  get(key) {
    const node = this.nodes.get(key);
    if (node !== undefined) {
      this.remove(node);
      this.add(node);
      return node.words;
    }
    const found = this.evicted.get(key);
    if (found !== undefined) {
      this.evicted.delete(key);
      this.put(key, found);
    }
    return found;
  }

  put(key, words) {
    const replaced = this.nodes.get(key);
    if (replaced !== undefined) this.remove(replaced);
    const node = {key, words, cost: 16 + 8 * words.length, newer: null, older: null};
    this.nodes.set(key, node);
    this.add(node);
    while (this.kept > this.budget) {
      const oldest = this.ring.newer;
      this.remove(oldest);
      this.nodes.delete(oldest.key);
      this.evicted.set(oldest.key, oldest.words);
    }
  }
}

function wordsOf(number) {
  const words = [];
  for (let i = 0, n = 2 + ((number * 7) % 15); i < n; i++) words.push(number + i);
  return words;
}

workloads['cache'] = async ({entries: n, operations, budget_bytes: budget}) => {
  const choices = streamSkewed(n);
  const keys = Array.from({length: n}, (_, i) => new Item(i));
  const held = [];
  const cache = new Cache(budget);
  let sum = 0;
  let misses = 0;
  collect();
  await measure(operations, async () => {
    for (let i = 0; i < operations; i++) {
      const key = keys[choices[i % STREAM_LENGTH]];
      let words = cache.get(key);
      if (words === undefined) {
        misses++;
        words = wordsOf(key.number);
        cache.put(key, words);
      }
      if (i % 64 === 0) held[(i / 64) % 4096] = words;
      sum = sumOf(sum, words[1]);
      if ((i + 1) % n === 0) collect();
      if (i % BATCH === BATCH - 1) await otherJobs();
    }
  });
  value('miss_fraction', misses / operations);
  check(sum);
};

workloads['finalize'] = async ({entries: n, operations}) => {
  let window = [];
  let heard = 0;
  let sum = 0;
  const registry = new FinalizationRegistry((number) => {
    heard++;
    sum = (sum + number) >>> 0;
  });
  await measure(operations, async () => {
    for (let i = 0, oldest = 0; i < operations; i++) {
      const item = new Item(i);
      window[oldest] = item;
      registry.register(item, i);
      if (++oldest === n) {
        oldest = 0;
        collect();
      }
      if (i % BATCH === BATCH - 1) await otherJobs();
    }
  });
  window = null;
  for (let i = 0; i < 10 && heard !== operations; i++) {
    collect();
    for (let j = 0; j < 10; j++) await otherJobs();
  }
  if (heard !== operations) throw new Error('not every object was finalized, or not once');
  check(sum);
};

// ---- one run ----

function paramsOf(words) {
  return Object.fromEntries(
    words.map((word) => {
      const [name, text] = word.split('=');
      return [name, Number.isNaN(Number(text)) ? text : Number(text)];
    }),
  );
}

async function main([name, ...words]) {
  if (name === 'about') {
    console.log(`node ${process.version.slice(1)}`);
    return;
  }
  try {
    if (!workloads[name]) throw new Error('this worker has no such workload');
    await workloads[name](paramsOf(words));
  } catch (error) {
    console.log(`failed ${error.message}`);
    process.exitCode = 1;
  }
}

main(process.argv.slice(2));
