// latency.js - the workloads pause-live and splay of besom-bench in JavaScript, as its users would
// write them.
//
// bench/worker.h says how a worker is spoken to; bench/live.h, bench/workload-pause-live.c and
// bench/workload-splay.c say what is done.  For Node, started with --expose-gc.  What it tells of its
// stops are the `gc` entries of perf_hooks, each of which is the time that a collection, or a step of
// one, took of the main thread.
'use strict';

const fs = require('fs');
const {performance, PerformanceObserver} = require('perf_hooks');

// ---- what both workloads share ----

const value = (metric, number) => console.log(`value ${metric} ${number}`);
const check = (sum) => console.log(`check ${sum}`);
const sumOf = (sum, seen) => (Math.imul(sum, 31) + seen) >>> 0;
const nowMs = () => performance.now(); // monotonic, of the resolution of its clock

class Random {
  constructor() {
    this.state = 1;
  }

  next() {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x >>> 0;
  }

  // The product has up to 58 bits: its halves are exact.
  below(bound) {
    const x = this.next();
    const low = Math.floor(((x & 0xffff) * bound) / 65536);
    return Math.floor(((x >>> 16) * bound + low) / 65536);
  }
}

// Log-linear, 1024 buckets to a doubling, as in bench/histogram.h.
class Histogram {
  constructor() {
    this.buckets = new Float64Array(32 << 10);
    this.count = 0;
    this.max = 0;
  }

  static bucketOf(ns) {
    if (ns < 1024) return Math.floor(ns);
    const exponent = Math.floor(Math.log2(ns)) - 10;
    return Math.min((exponent << 10) + Math.floor(ns / 2 ** exponent), (32 << 10) - 1);
  }

  static topOf(bucket) {
    const exponent = bucket >> 10;
    if (exponent < 2) return bucket;
    return (bucket - ((exponent - 1) << 10) + 1) * 2 ** (exponent - 1) - 1;
  }

  add(ns) {
    this.count++;
    if (ns > this.max) this.max = ns;
    this.buckets[Histogram.bucketOf(ns)]++;
  }

  percentile(perMille) {
    const rank = (this.count * perMille) / 1000;
    let seen = 0;
    for (let i = 0; i < this.buckets.length; i++) {
      seen += this.buckets[i];
      if (seen !== 0 && seen >= rank) return Math.min(Histogram.topOf(i), this.max);
    }
    return this.max;
  }

  above(ns) {
    let n = 0;
    for (let i = Histogram.bucketOf(ns) + 1; i < this.buckets.length; i++) n += this.buckets[i];
    return n;
  }

  printAbove(curve) {
    const steps = [2, 2.5, 2];
    for (let ms = 0.001, i = 0; ms < 1.1e4; ms *= steps[i++ % 3]) {
      const above = this.above(Math.floor(ms * 1e6 + 0.5));
      console.log(`point ${curve} ${ms.toPrecision(6)} ${above}`);
      if (above === 0) break;
    }
  }
}

function printOperations(h) {
  value('op_ms_max', h.max / 1e6);
  if (h.count >= 100) value('op_us_p99', h.percentile(990) / 1e3);
  if (h.count >= 10000) value('op_us_p999', h.percentile(999) / 1e3);
  h.printAbove('ops_above');
}

// ---- stops ----

// Entries come to an observer when the running job ends, and in any case late: those that began in
// the stretch are waited for, and then counted.
async function printStops(observer, entries, beganMs, endedMs) {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  entries.push(...observer.takeRecords());
  observer.disconnect();
  const h = new Histogram();
  for (const entry of entries) {
    if (entry.startTime >= beganMs && entry.startTime < endedMs) h.add(entry.duration * 1e6);
  }
  value('stops', h.count);
  value('collections', h.count);
  value('stop_ms_max', h.max / 1e6);
  if (h.count !== 0) {
    value('stop_ms_p50', h.percentile(500) / 1e6);
    value('stop_ms_p99', h.percentile(990) / 1e6);
  }
  h.printAbove('stops_above');
}

function observe(entries) {
  const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
  observer.observe({entryTypes: ['gc']});
  return observer;
}

function printPeak() {
  const found = /VmHWM:\s*(\d+) kB/.exec(fs.readFileSync('/proc/self/status', 'latin1'));
  value('peak_rss_bytes', Number(found[1]) * 1024);
}

// ---- pause-live ----

const NEW_OBJECTS = 20;
const WINDOW = 1000;
const LENT = 512;

class Item {
  constructor(first, number) {
    this.first = first;
    this.second = null;
    this.number = number;
  }
}

class Live {
  constructor(n) {
    this.random = new Random();
    this.all = [];
    for (let i = 0; i < n; i++) this.all.push(new Item(null, i));
    for (let i = 0; i < n; i++) {
      this.all[i].first = this.any();
      this.all[i].second = this.any();
    }
    this.window = new Array(WINDOW).fill(null);
    this.lent = new Array(LENT).fill(0);
    this.oldest = 0;
    this.operations = 0;
  }

  any() {
    return this.all[this.random.below(this.all.length)];
  }

  sum() {
    let sum = 0;
    for (const item of this.all) sum = sumOf(sum, item.first.number + 7 * item.second.number);
    return sum;
  }

  operate() {
    for (let i = 0; i < NEW_OBJECTS; i++) {
      const first = (this.oldest & 1) !== 0 ? this.window[this.oldest - 1] : null;
      this.window[this.oldest] = new Item(first, this.operations);
      if (++this.oldest === WINDOW) this.oldest = 0;
    }
    const turn = (this.operations >> 1) % LENT;
    if ((this.operations & 1) === 0) {
      this.lent[turn] = this.random.below(this.all.length);
      this.all[this.lent[turn]].first = this.window[(this.oldest + WINDOW - 1) % WINDOW];
    } else {
      this.all[this.lent[(turn + 1) % LENT]].first = this.any();
    }
    this.operations++;
  }
}

function watchIdle(seconds) {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const h = new Histogram();
  for (const until = nowMs() + seconds * 1e3; nowMs() < until; ) {
    const before = nowMs();
    Atomics.wait(cell, 0, 0, 1);
    h.add(Math.max(0, (nowMs() - before - 1) * 1e6));
  }
  value('idle_hiccup_ms_max', h.max / 1e6);
  value('idle_hiccup_ms_p99', h.percentile(990) / 1e6);
}

const workloads = {};

workloads['pause-live'] = async (param) => {
  const live = new Live(Math.floor(param('live_bytes') / 32));
  const seconds = param('seconds');
  check(live.sum());
  for (let i = 0; i < 2 * LENT; i++) live.operate();
  globalThis.gc();
  watchIdle(Math.min(seconds / 10, 2));
  const h = new Histogram();
  const entries = [];
  const observer = observe(entries);
  live.operations = 0;
  const began = nowMs();
  const until = began + seconds * 1e3;
  let before = began;
  while (before < until) {
    live.operate();
    const now = nowMs();
    h.add((now - before) * 1e6);
    before = now;
  }
  await printStops(observer, entries, began, before);
  printOperations(h);
  value('ns_per_object', ((before - began) * 1e6) / live.operations / NEW_OBJECTS);
  printPeak();
};

// ---- splay ----

const NODES = 8000;
const LOAD_DEPTH = 5;

function loadNew(depth, key) {
  if (depth === 0) {
    const number = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    let text = '';
    for (let i = 0; i < 24; i++) text += String.fromCharCode(97 + ((key >>> i) & 15));
    return {number, text};
  }
  return {left: loadNew(depth - 1, key), right: loadNew(depth - 1, key)};
}

function rotateRight(node) {
  const child = node.left;
  node.left = child.right;
  child.right = node;
  return child;
}

function rotateLeft(node) {
  const child = node.right;
  node.right = child.left;
  child.left = node;
  return child;
}

function splay(tree, key) {
  let root = tree;
  let less = null;
  let lastLess = null;
  let greater = null;
  let lastGreater = null;
  while (root.key !== key) {
    if (key < root.key) {
      if (root.left && key < root.left.key) root = rotateRight(root);
      if (!root.left) break;
      if (lastGreater) lastGreater.left = root;
      else greater = root;
      lastGreater = root;
      root = root.left;
    } else {
      if (root.right && key > root.right.key) root = rotateLeft(root);
      if (!root.right) break;
      if (lastLess) lastLess.right = root;
      else less = root;
      lastLess = root;
      root = root.right;
    }
  }
  if (lastLess) {
    lastLess.right = root.left;
    root.left = less;
  }
  if (lastGreater) {
    lastGreater.left = root.right;
    root.right = greater;
  }
  return root;
}

function insert(tree, key) {
  const node = {key, left: null, right: null, load: loadNew(LOAD_DEPTH, key)};
  if (!tree) return node;
  const root = splay(tree, key);
  if (key < root.key) {
    node.left = root.left;
    node.right = root;
    root.left = null;
  } else {
    node.right = root.right;
    node.left = root;
    root.right = null;
  }
  return node;
}

function removeRoot(root) {
  if (!root.left) return root.right;
  const left = splay(root.left, Infinity);
  left.right = root.right;
  return left;
}

function removeBelow(root) {
  let below = root.left;
  if (!below) return removeRoot(root);
  while (below.right) below = below.right;
  return removeRoot(splay(root, below.key));
}

function loadSum(tree) {
  let load = tree;
  for (let depth = LOAD_DEPTH; depth !== 0; depth--) load = depth % 2 ? load.left : load.right;
  return load.number[9] + load.text.charCodeAt(0);
}

function checkTree(tree) {
  let root = tree;
  let sum = 0;
  let n = 0;
  for (; root; root = root.right) {
    while (root.left) root = rotateRight(root);
    sum = sumOf(sum, root.key + loadSum(root.load));
    n++;
  }
  if (n !== NODES) throw new Error('the tree has not kept its size');
  check(sum);
}

workloads['splay'] = async (param) => {
  const operations = param('operations');
  const changes = param('changes');
  const random = new Random();
  let root = null;
  for (let i = 0; i < NODES; i++) root = insert(root, random.next());
  const h = new Histogram();
  const entries = [];
  const observer = observe(entries);
  const began = nowMs();
  let before = began;
  for (let i = 0; i < operations; i++) {
    for (let j = 0; j < changes; j++) root = removeBelow(insert(root, random.next()));
    const now = nowMs();
    h.add((now - before) * 1e6);
    before = now;
  }
  value('wall_ms', before - began);
  printOperations(h);
  await printStops(observer, entries, began, before);
  printPeak();
  checkTree(root);
};

// ---- one run ----

async function main([name, ...words]) {
  const param = (wanted) => {
    const word = words.find((each) => each.startsWith(`${wanted}=`));
    const number = word === undefined ? NaN : Number(word.slice(wanted.length + 1));
    if (Number.isNaN(number)) throw new Error(`parameter ${wanted} is missing or no number`);
    return number;
  };
  try {
    if (!workloads[name]) throw new Error('this worker has no such workload');
    await workloads[name](param);
  } catch (error) {
    console.log(`failed ${error.message}`);
    process.exitCode = 1;
  }
}

main(process.argv.slice(2));
