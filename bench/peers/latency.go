// latency.go - the workloads pause-live and splay of besom-bench in Go, as its users would write them.
//
// bench/worker.h says how a worker is spoken to; bench/live.h, bench/workload-pause-live.c and
// bench/workload-splay.c say what is done.  The runtime tells of its stops in a histogram
// (runtime/metrics, /gc/pauses), whose buckets are an eighth of their value wide: a stop is given as the
// top of its bucket.
package main

import (
	"fmt"
	"math"
	"math/bits"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"
)

// ---- what both workloads share ----

var began = time.Now()

func nowNs() int64 { return int64(time.Since(began)) } // of the monotonic clock

func value(metric string, number float64) { fmt.Printf("value %s %.17g\n", metric, number) }

func fail(why string) {
	fmt.Printf("failed %s\n", why)
	os.Exit(1)
}

func sumOf(sum, seen uint32) uint32 { return sum*31 + seen }

type random struct{ state uint32 }

func (r *random) next() uint32 {
	x := r.state
	x ^= x << 13
	x ^= x >> 17
	x ^= x << 5
	r.state = x
	return x
}

func (r *random) below(bound int) int { return int(uint64(r.next()) * uint64(bound) >> 32) }

// Log-linear, 1024 buckets to a doubling, as in bench/histogram.h.
type histogram struct {
	count   int
	max     int64
	buckets [32 << 10]int
}

func bucketOf(ns int64) int {
	if ns < 1024 {
		return int(ns)
	}
	exponent := bits.Len64(uint64(ns)) - 11
	bucket := exponent<<10 + int(ns>>exponent)
	if bucket >= 32<<10 {
		return 32<<10 - 1
	}
	return bucket
}

func topOf(bucket int) int64 {
	exponent := bucket >> 10
	if exponent < 2 {
		return int64(bucket)
	}
	exponent--
	return int64(bucket-exponent<<10+1)<<exponent - 1
}

func (h *histogram) add(ns int64) {
	h.count++
	if ns > h.max {
		h.max = ns
	}
	h.buckets[bucketOf(ns)]++
}

func (h *histogram) percentile(perMille float64) float64 {
	rank, seen := float64(h.count)*perMille/1000, 0
	for i, n := range h.buckets {
		seen += n
		if seen != 0 && float64(seen) >= rank {
			return math.Min(float64(topOf(i)), float64(h.max))
		}
	}
	return float64(h.max)
}

func (h *histogram) above(ns int64) int {
	n := 0
	for i := bucketOf(ns) + 1; i < len(h.buckets); i++ {
		n += h.buckets[i]
	}
	return n
}

func printOperations(h *histogram) {
	value("op_ms_max", float64(h.max)/1e6)
	if h.count >= 100 {
		value("op_us_p99", h.percentile(990)/1e3)
	}
	if h.count >= 10000 {
		value("op_us_p999", h.percentile(999)/1e3)
	}
	for ms, i := 0.001, 0; ms < 1.1e4; i++ {
		above := h.above(int64(ms*1e6 + 0.5))
		fmt.Printf("point ops_above %.12g %d\n", ms, above)
		if above == 0 {
			break
		}
		ms *= []float64{2, 2.5, 2}[i%3]
	}
}

// ---- stops ----

type stops struct {
	counts  []uint64
	seconds []float64 // the edges of the buckets, one more than these
}

func readStops() stops {
	sample := []metrics.Sample{{Name: "/gc/pauses:seconds"}}
	metrics.Read(sample)
	h := sample[0].Value.Float64Histogram()
	return stops{append([]uint64(nil), h.Counts...), h.Buckets}
}

func printStops(before, after stops) {
	var all uint64
	top := func(i int) float64 {
		if math.IsInf(after.seconds[i+1], 0) {
			return after.seconds[i] * 1e3
		}
		return after.seconds[i+1] * 1e3
	}
	for i := range after.counts {
		all += after.counts[i] - before.counts[i]
	}
	value("stops", float64(all))
	var seen uint64
	p50, p99, most := 0.0, 0.0, 0.0
	for i := range after.counts {
		n := after.counts[i] - before.counts[i]
		if n == 0 {
			continue
		}
		if float64(seen) < float64(all)*0.5 {
			p50 = top(i)
		}
		if float64(seen) < float64(all)*0.99 {
			p99 = top(i)
		}
		seen += n
		most = top(i)
	}
	value("stop_ms_max", most)
	if all != 0 {
		value("stop_ms_p50", p50)
		value("stop_ms_p99", p99)
	}
}

func collections() uint32 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.NumGC
}

func printPeak() {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == "VmHWM:" {
			kib, _ := strconv.ParseFloat(fields[1], 64)
			value("peak_rss_bytes", kib*1024)
		}
	}
}

// ---- pause-live ----

type object struct {
	first, second *object
	number        uint32
}

const (
	newObjects = 20
	window     = 1000
	lent       = 512
)

type live struct {
	all        []*object
	window     [window]*object
	random     random
	oldest     int
	lent       [lent]int
	operations int
}

func (p *live) any() *object { return p.all[p.random.below(len(p.all))] }

func (p *live) build() {
	for i := range p.all {
		p.all[i] = &object{number: uint32(i)}
	}
	for _, obj := range p.all {
		obj.first = p.any()
		obj.second = p.any()
	}
}

func (p *live) sum() uint32 {
	var sum uint32
	for _, obj := range p.all {
		sum = sumOf(sum, obj.first.number+7*obj.second.number)
	}
	return sum
}

func (p *live) operate() {
	for i := 0; i < newObjects; i++ {
		obj := &object{number: uint32(p.operations)}
		if p.oldest&1 != 0 {
			obj.first = p.window[p.oldest-1]
		}
		p.window[p.oldest] = obj
		p.oldest++
		if p.oldest == window {
			p.oldest = 0
		}
	}
	turn := p.operations / 2 % lent
	if p.operations%2 == 0 {
		p.lent[turn] = p.random.below(len(p.all))
		p.all[p.lent[turn]].first = p.window[(p.oldest+window-1)%window]
	} else {
		p.all[p.lent[(turn+1)%lent]].first = p.any()
	}
	p.operations++
}

func watchIdle(seconds float64) {
	h := new(histogram)
	for until := nowNs() + int64(seconds*1e9); nowNs() < until; {
		before := nowNs()
		time.Sleep(time.Millisecond)
		over := nowNs() - before - 1000000
		if over < 0 {
			over = 0
		}
		h.add(over)
	}
	value("idle_hiccup_ms_max", float64(h.max)/1e6)
	value("idle_hiccup_ms_p99", h.percentile(990)/1e6)
}

func pauseLive(param func(string) float64) {
	p := &live{all: make([]*object, int(param("live_bytes"))/32), random: random{1}}
	seconds := param("seconds")
	p.build()
	fmt.Printf("check %d\n", p.sum())
	for i := 0; i < 2*lent; i++ {
		p.operate()
	}
	runtime.GC()
	watchIdle(math.Min(seconds/10, 2))
	h := new(histogram)
	stopped, cycles := readStops(), collections()
	p.operations = 0
	start := nowNs()
	before, until := start, start+int64(seconds*1e9)
	for before < until {
		p.operate()
		now := nowNs()
		h.add(now - before)
		before = now
	}
	printStops(stopped, readStops())
	printOperations(h)
	value("ns_per_object", float64(before-start)/float64(p.operations)/newObjects)
	value("collections", float64(collections()-cycles))
	printPeak()
}

// ---- splay ----

const (
	nodes     = 8000
	loadDepth = 5
)

type branch struct{ left, right any }

type leaf struct {
	number [10]uint64
	text   [24]byte
}

type node struct {
	key         uint32
	left, right *node
	load        any
}

func newLoad(depth int, key uint32) any {
	if depth == 0 {
		l := new(leaf)
		for i := range l.number {
			l.number[i] = uint64(i)
		}
		for i := range l.text {
			l.text[i] = byte('a' + key>>i%16)
		}
		return l
	}
	b := new(branch)
	b.left = newLoad(depth-1, key)
	b.right = newLoad(depth-1, key)
	return b
}

func rotateRight(n *node) *node {
	child := n.left
	n.left = child.right
	child.right = n
	return child
}

func rotateLeft(n *node) *node {
	child := n.right
	n.right = child.left
	child.left = n
	return child
}

func splay(root *node, key uint32) *node {
	var less, lastLess, greater, lastGreater *node
	for root.key != key {
		if key < root.key {
			if root.left != nil && key < root.left.key {
				root = rotateRight(root)
			}
			if root.left == nil {
				break
			}
			if lastGreater != nil {
				lastGreater.left = root
			} else {
				greater = root
			}
			lastGreater, root = root, root.left
		} else {
			if root.right != nil && key > root.right.key {
				root = rotateLeft(root)
			}
			if root.right == nil {
				break
			}
			if lastLess != nil {
				lastLess.right = root
			} else {
				less = root
			}
			lastLess, root = root, root.right
		}
	}
	if lastLess != nil {
		lastLess.right = root.left
		root.left = less
	}
	if lastGreater != nil {
		lastGreater.left = root.right
		root.right = greater
	}
	return root
}

func insert(root *node, key uint32) *node {
	n := &node{key: key}
	n.load = newLoad(loadDepth, key)
	if root == nil {
		return n
	}
	root = splay(root, key)
	if key < root.key {
		n.left, n.right, root.left = root.left, root, nil
	} else {
		n.right, n.left, root.right = root.right, root, nil
	}
	return n
}

func removeRoot(root *node) *node {
	left, right := root.left, root.right
	if left == nil {
		return right
	}
	left = splay(left, math.MaxUint32)
	left.right = right
	return left
}

func removeBelow(root *node) *node {
	below := root.left
	if below == nil {
		return removeRoot(root)
	}
	for below.right != nil {
		below = below.right
	}
	return removeRoot(splay(root, below.key))
}

func loadSum(load any) uint32 {
	for depth := loadDepth; depth != 0; depth-- {
		if depth%2 != 0 {
			load = load.(*branch).left
		} else {
			load = load.(*branch).right
		}
	}
	l := load.(*leaf)
	return uint32(l.number[9]) + uint32(l.text[0])
}

func treeSum(root *node) (sum uint32, n int) {
	for root != nil {
		for root.left != nil {
			root = rotateRight(root)
		}
		sum = sumOf(sum, root.key+loadSum(root.load))
		n++
		root = root.right
	}
	return
}

func runSplay(param func(string) float64) {
	operations, changes := int(param("operations")), int(param("changes"))
	random := random{1}
	var root *node
	for i := 0; i < nodes; i++ {
		root = insert(root, random.next())
	}
	h := new(histogram)
	stopped, cycles := readStops(), collections()
	start := nowNs()
	before := start
	for i := 0; i < operations; i++ {
		for j := 0; j < changes; j++ {
			root = removeBelow(insert(root, random.next()))
		}
		now := nowNs()
		h.add(now - before)
		before = now
	}
	value("wall_ms", float64(before-start)/1e6)
	printOperations(h)
	printStops(stopped, readStops())
	value("collections", float64(collections()-cycles))
	printPeak()
	sum, n := treeSum(root)
	if n != nodes {
		fail("the tree has not kept its size")
	}
	fmt.Printf("check %d\n", sum)
}

// ---- one run ----

func param(name string) float64 {
	for _, word := range os.Args[2:] {
		if text := strings.TrimPrefix(word, name+"="); text != word {
			if number, err := strconv.ParseFloat(text, 64); err == nil {
				return number
			}
		}
	}
	fail("parameter " + name + " is missing or no number")
	return 0
}

func main() {
	workloads := map[string]func(func(string) float64){"pause-live": pauseLive, "splay": runSplay}
	if len(os.Args) > 1 && os.Args[1] == "about" {
		fmt.Println("go", strings.TrimPrefix(runtime.Version(), "go"))
	} else if len(os.Args) > 1 && workloads[os.Args[1]] != nil {
		workloads[os.Args[1]](param)
	} else {
		fail("this worker has no such workload")
	}
}
